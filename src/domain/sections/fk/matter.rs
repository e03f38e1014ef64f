//! FK's matters (ärenden) and decisions (beslut). 28 kinds of matter share one shape: LEFI repeats the same fields in
//! each of them, and what is peculiar to one (`underlag`, `grunduppgifter`) is kept as named figures.

use super::{
    common::{Code, Extent, Figure, Money, PartialDate, Span},
    person::{Address, PersonInRole},
};
use crate::NaiveDate;

macro_rules! matter_kinds {
    ($($(#[$doc:meta])* $kind:ident = $list:literal / $group:literal),+ $(,)?) => {
        /// Kind of matter: which list under `formansinformation` it came in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MatterKind { $($(#[$doc])* $kind),+ }

        impl MatterKind {
            /// Every kind, in the contract's order.
            pub const ALL: &[MatterKind] = &[$(MatterKind::$kind),+];

            /// The list's name under `formansinformation`.
            pub fn list_name(self) -> &'static str {
                match self { $(MatterKind::$kind => $list),+ }
            }

            /// The information type that is asked for to get it. The contract publishes the types without saying which
            /// list each of them fills; these follow from the benefits' names.
            pub fn group(self) -> &'static str {
                match self { $(MatterKind::$kind => $group),+ }
            }
        }
    };
}

matter_kinds! {
    /// Aktivitetsstöd.
    Aktivitetsstod = "aktivitetsstodsarende" / "FK:AS",
    /// Allmän pension (held by FK).
    AllmanPension = "allmanpensionsarende" / "FK:AP",
    /// Survivor's annuity after work injury.
    ArbetsskadeEfterlevande = "arbetsskadeefterlevandearende" / "FK:YL",
    /// Own annuity after work injury.
    ArbetsskadeEgenLivranta = "arbetsskadeegenlivrantearende" / "FK:YL",
    /// Barnbidrag.
    Barnbidrag = "barnbidragsarende" / "FK:ABB",
    /// Bostadsbidrag.
    Bostadsbidrag = "bostadsbidragsarende" / "FK:BOB",
    /// Bostadstillägg.
    Bostadstillagg = "bostadstillaggsarende" / "FK:BTI",
    /// Efterlevandepension.
    Efterlevandepension = "efterlevandepensionsarende" / "FK:ET",
    /// Barnbidrag paid to the child.
    MottagareAvBarnbidrag = "mottagareavbarnbidrag" / "FK:MABB",
    /// Föräldrapenning.
    Foraldrapenning = "foraldrapenningarende" / "FK:FP",
    /// Förebyggande sjukpenning.
    ForebyggandeSjukpenning = "forebyggandeSjukpenningsarende" / "FK:FSJP",
    /// Handikappersättning.
    Handikappersattning = "handikappersattningsarende" / "FK:HE",
    /// Graviditetspenning.
    Graviditetspenning = "graviditetspenningsarende" / "FK:GP",
    /// Merkostnadsersättning.
    Merkostnadsersattning = "merkostnadsersattningsarende" / "FK:MEK",
    /// Närståendepenning.
    Narstaendepenning = "narstaendepenningarende" / "FK:NP",
    /// Omvårdnadsbidrag.
    Omvardnadsbidrag = "omvardnadsbidragsarende" / "FK:OMV",
    /// Ersättning under arbetsmarknadspolitiskt program.
    Programersattning = "programersattningsarende" / "FK:PROG",
    /// Rehabiliteringsersättning.
    Rehabersattning = "rehabersattningsarende" / "FK:RBE",
    /// Sjuk- och aktivitetsersättning.
    SjukOchAktivitetsersattning = "sjukOchAktivitetsersattningsarende" / "FK:SA",
    /// Sjukpenning.
    Sjukpenning = "sjukpenningarende" / "FK:SJP",
    /// Smittbärarersättning.
    Smittbararersattning = "smittbararersattningsarende" / "FK:SBP",
    /// Tillfällig föräldrapenning.
    TillfalligForaldrapenning = "tillfalligForaldrapenningarende" / "FK:TFP",
    /// Dagpenning för totalförsvarspliktiga.
    Totalforsvarsplikt = "totalforsvarspliktsarende" / "FK:DPE",
    /// Underhållsstöd: claims on the person.
    UnderhallsstodKrav = "underhallsstodskrav" / "FK:US",
    /// Underhållsstöd: paid to the person.
    UnderhallsstodMottag = "underhallsstodsmottag" / "FK:US",
    /// Vårdbidrag.
    Vardbidrag = "vardbidragsarende" / "FK:VB",
    /// Survivor's annuity after occupational injury.
    YrkesskadeEfterlevande = "yrkesskadeefterlevandearende" / "FK:YL",
    /// Own annuity after occupational injury.
    YrkesskadeEgenLivranta = "yrkesskadeegenlivrantearende" / "FK:YL",
}

/// One matter.
#[derive(Clone, PartialEq, Eq)]
pub struct Matter {
    /// Which benefit.
    pub kind: MatterKind,
    /// `startades`: usually when the application arrived.
    pub started: Option<PartialDate>,
    /// `aktivt`.
    pub active: Option<bool>,
    /// `avslaget`.
    pub rejected: Option<bool>,
    /// `grunduppgifter.barn`, `.avliden`, `.personuppgift` and `medsokande[]`.
    pub persons: Vec<PersonInRole>,
    /// The rest of `grunduppgifter`.
    pub basics: Vec<Figure>,
    /// `beslut` (a list, or one object at merkostnadsersättning and omvårdnadsbidrag).
    pub decisions: Vec<Decision>,
    /// `anspraksdagar[]`: days applied for (föräldrapenning).
    pub claimed_days: Vec<ClaimedDay>,
}

impl Matter {
    /// A matter with nothing but its kind.
    pub fn new(kind: MatterKind) -> Self {
        Self {
            kind,
            started: None,
            active: None,
            rejected: None,
            persons: vec![],
            basics: vec![],
            decisions: vec![],
            claimed_days: vec![],
        }
    }

    /// Applied for and still open without any decision.
    pub fn is_pending(&self) -> bool {
        self.active == Some(true) && self.rejected != Some(true) && self.decisions.is_empty()
    }
}

/// One decision.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// `fattades`.
    pub decided: Option<PartialDate>,
    /// `definitivt`.
    pub definitive: Option<bool>,
    /// `forman`.
    pub benefit: Option<Code>,
    /// `delforman`.
    pub sub_benefit: Option<Code>,
    /// `periodicitet`.
    pub periodicity: Option<Code>,
    /// `period`.
    pub period: Option<Span>,
    /// `beslutatBruttobelopp`.
    pub gross: Option<Money>,
    /// `samordnatBruttobelopp`.
    pub coordinated_gross: Option<Money>,
    /// `omfattning` (a list at efterlevandepension).
    pub extents: Vec<Extent>,
    /// `dagar`: number of days paid.
    pub days: Option<i64>,
    /// `dagar[]` at programersättning, where it is a list of texts.
    pub day_texts: Vec<String>,
    /// `karens`.
    pub waiting: Option<bool>,
    /// `ersattning`: a code, or a bare text at sjukpenning, förebyggande sjukpenning and rehabiliteringsersättning.
    pub compensation: Option<Code>,
    /// `ersattningsniva`.
    pub level: Option<String>,
    /// `beslutsutfall`: a code, or a bare text.
    pub outcome: Option<Code>,
    /// `beslutstyp`.
    pub decision_type: Option<String>,
    /// `beslutstatus`.
    pub status: Option<Code>,
    /// `upphorandeManadFrom[]`, `YYYY-MM`: ends on the first of that month.
    pub ends_from_months: Vec<String>,
    /// `periodbeslut[]`.
    pub period_decisions: Vec<PeriodDecision>,
    /// `ersattningsdagar[]` and `bedomdadagar[]`.
    pub calendar_days: Vec<DecisionDay>,
    /// Persons in `underlag`.
    pub persons: Vec<PersonInRole>,
    /// `underlag.utbetalningsmottagare` = `MYNDIGHETSUTBETALNING`.
    pub paid_to_authority: bool,
    /// `underlag.institutionsplacering[]`.
    pub placements: Vec<Placement>,
    /// The rest of `underlag`.
    pub basis: Vec<Figure>,
}

/// `periodbeslut[]` at merkostnadsersättning and omvårdnadsbidrag.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PeriodDecision {
    /// `period`.
    pub period: Option<Span>,
    /// `omfattning`.
    pub extent: Option<Extent>,
    /// `andel`.
    pub share: Option<Extent>,
    /// `utbetalningstyp`.
    pub payout_type: Option<Code>,
}

/// One calendar day of a decision.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DecisionDay {
    /// `dag` or `ersattningsdatum`.
    pub day: Option<NaiveDate>,
    /// `niva` (föräldrapenning) or `ersattning` (programersättning).
    pub level: Option<Code>,
    /// `bruttobelopp`, `ersattningsbelopp`, `belopp` or `bedomtBelopp`.
    pub amount: Option<Money>,
    /// `karensavdragsbelopp`.
    pub waiting_deduction: Option<Money>,
    /// `inkomsttyp`.
    pub income_type: Option<Code>,
    /// `berakningssatt`.
    pub calculation: Option<Code>,
}

/// `anspraksdagar[]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ClaimedDay {
    /// `dag`.
    pub day: Option<NaiveDate>,
    /// `niva`.
    pub level: Option<Code>,
    /// `omfattning`.
    pub extent: Option<Extent>,
}

/// `institutionsplacering[]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Placement {
    /// `institution`.
    pub kind: Option<Code>,
    /// `namn`.
    pub name: Option<String>,
    /// `adress`.
    pub address: Option<Address>,
}
