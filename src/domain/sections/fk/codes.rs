//! The code lists that LEFI publishes: its information types, and Pensionsmyndigheten's codes. Försäkringskassan's own codes come
//! without published lists.

/// FK's groups of benefits in LEFI v9.
pub const FK_GROUPS: [&str; 27] = [
    "FK:ABB", "FK:AP", "FK:AS", "FK:BOB", "FK:BST", "FK:BTI", "FK:DPE", "FK:EJO", "FK:ET", "FK:FP",
    "FK:FSJP", "FK:GP", "FK:HE", "FK:MABB", "FK:MEK", "FK:NP", "FK:OMV", "FK:PJOB", "FK:PROG", "FK:RBE",
    "FK:SA", "FK:SBP", "FK:SJP", "FK:TFP", "FK:US", "FK:VB", "FK:YL",
];
/// PM's groups of benefits.
pub const PM_GROUPS: [&str; 3] = ["PM:AP", "PM:BTI", "PM:EF"];
/// Other information of both.
pub const OTHER_INFORMATION: [&str; 8] =
    ["FK:GEPI", "FK:PANV", "FK:SGI", "FK:SKUP", "FK:STAV", "PM:LINT", "PM:PBH", "PM:PU"];
/// PM's `beslutsstatus`.
pub const STATUSES: [&str; 3] = ["INTERIMISTISKT", "PRELIMINART", "SLUTLIGT"];
/// PM's `beslutsutfall`.
pub const OUTCOMES: [&str; 2] = ["BIFALL", "AVSLAG"];
/// PM's `beloppsfrekvens`.
pub const FREQUENCIES: [&str; 7] = ["AR", "HALVAR", "KVARTAL", "MANAD", "VECKA", "DAG", "ENGANGS"];
/// PM's `ersattningstyp`.
pub const COMPENSATIONS: [&str; 26] = [
    "PM:BH",
    "PM:BL",
    "PM:BP",
    "PM:BT",
    "PM:ELSTOD",
    "PM:FL",
    "PM:FOL",
    "PM:FOP",
    "PM:FOPGARP",
    "PM:GARP",
    "PM:IP",
    "PM:IPT",
    "PM:OL",
    "PM:OP",
    "PM:OPGARP",
    "PM:PREP",
    "PM:PREPEL",
    "PM:SBT",
    "PM:SEL",
    "PM:SEP",
    "PM:SEPGARP",
    "PM:TP",
    "PM:AFS",
    "PM:ANKEL",
    "PM:ANKEP",
    "PM:ANKEPGARP",
];
/// PM's `samordningstyper`.
pub const COORDINATIONS: [&str; 10] =
    ["PM:AL", "PM:AP", "PM:BP40", "PM:NKT", "PM:SA", "PM:UEP", "PM:UYL", "PM:VPSB", "PM:YL", "PM:OVR"];
/// PM's `anvantCivilstand`.
pub const CIVIL_STATUSES: [&str; 2] = ["OGIFT", "GIFT"];
/// PM's `avdragstyp`.
pub const DEDUCTIONS: [&str; 14] = [
    "PM:AVDRAGKANTRA",
    "PM:AVDRAGOVRIGT",
    "PM:INSTITUTION",
    "PM:KVIKAN",
    "PM:KVIOVR",
    "PM:PS",
    "PM:PST",
    "PM:SOCAVDRAG",
    "PM:SS",
    "PM:SST",
    "PM:UTLFORDRAN",
    "PM:UTMATNING",
    "PM:UTMHELA",
    "PM:UTMTV",
];
/// PM's `utbetalningsforman`.
pub const PAID_BENEFITS: [&str; 6] = ["PM:AL", "PM:AP37", "PM:AP38", "PM:BTP", "PM:EP", "PM:PREP"];
/// PM's `beloppstyp`.
pub const AMOUNT_TYPES: [&str; 33] = [
    "PM:AFS",
    "PM:AL1",
    "PM:AL2",
    "PM:AL3",
    "PM:AL4",
    "PM:AL5",
    "PM:AL6",
    "PM:AL7",
    "PM:AL8",
    "PM:AL9",
    "PM:ALB",
    "PM:ANKEP",
    "PM:ANKEPGARP",
    "PM:BP",
    "PM:BPFRI",
    "PM:BPSKP",
    "PM:BTP",
    "PM:BTPSA",
    "PM:ELSTOD",
    "PM:FOP",
    "PM:FOPGARP",
    "PM:GARP",
    "PM:IP",
    "PM:IPT",
    "PM:OP",
    "PM:OPGARP",
    "PM:PFE",
    "PM:PFO",
    "PM:SBTP",
    "PM:SBTPSA",
    "PM:SEP",
    "PM:SEPGARP",
    "PM:TP",
];
/// PM's `informationstyp`.
pub const INFORMATION: [&str; 3] = ["PM:LINT", "PM:PBH", "PM:PU"];
/// PM's `levnadsintygsstatus`.
pub const LIFE_CERTIFICATES: [&str; 16] =
    ["0", "1", "2", "3", "4", "5", "7", "8", "9", "10", "20", "21", "22", "23", "24", "25"];
/// PM's `kontotyp`.
pub const ACCOUNTS: [&str; 2] = ["IP", "PREP"];
/// PM's `kontohandelsetyp`.
pub const ACCOUNT_EVENTS: [&str; 8] = [
    "ANDRAD_PENSIONSRATT",
    "ARSOMRAKNING",
    "DODSFALL",
    "EG_OVERFORING",
    "FORVARVSVILLKORET_INTE_UPPFYLLT",
    "FORVARVSVILLKORET_UPPFYLLT",
    "NYTT_ANDRAT_PENSIONSUTTAG",
    "RIKTALDER_UPPNADD",
];
/// PM's `kontotransaktionstyp`.
pub const ACCOUNT_ENTRIES: [&str; 7] = [
    "ARVSVINST",
    "FORVALTNINGSKOSTNAD",
    "PENSIONSRATT",
    "BALANSERAD_PENSIONSRATT",
    "INDEXERING",
    "UTTAGEN_PENSIONSBEHALLNING",
    "ATERLAGD_PENSIONSBEHALLNING",
];
