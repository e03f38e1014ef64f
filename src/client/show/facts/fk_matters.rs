//! Matters (ärenden) at Försäkringskassan and their decisions.

use ssbtek_proto::agency::v1::{FkDecision, FkMatter, FkMatterKind};

use super::Facts;
use crate::show::phrases::{code, count, extent, joined, money, span, with};

pub(super) fn lines(matter: &FkMatter, facts: &mut Facts) {
    let state = match (matter.active, matter.rejected) {
        (_, Some(true)) => Some("rejected (avslaget)".to_owned()),
        (Some(true), _) => Some("active".to_owned()),
        (Some(false), _) => Some("not active".to_owned()),
        (None, _) => None,
    };
    let claimed = matter.claimed_days.len();
    let text = joined([
        state,
        with("opened ", matter.started.as_ref()),
        (claimed > 0).then(|| format!("{} applied for", count(claimed, "day", "days"))),
        (matter.decisions.is_empty()).then(|| "no decision in the answer".to_owned()),
    ]);
    facts.add(joined([Some(label(matter.kind).to_owned()), Some(text)]).replacen(", ", ": ", 1));
    matter.decisions.iter().for_each(|of| facts.labelled("– decision (beslut)", &decision(of)));
}

fn decision(of: &FkDecision) -> String {
    let extents: Vec<String> = of.extents.iter().filter_map(extent).collect();
    let amount = of.coordinated_gross.as_ref().or(of.gross.as_ref()).and_then(money);
    let often = of.periodicity.as_ref().and_then(code).map(|often| format!(" {often}")).unwrap_or_default();
    let benefit = [&of.benefit, &of.sub_benefit].into_iter().flatten().filter_map(code).collect::<Vec<_>>();
    joined([
        of.decided.clone(),
        of.outcome.as_ref().and_then(code),
        Some(benefit.join(", ")),
        amount.map(|amount| format!("{amount} gross{often}")),
        of.period.as_ref().and_then(span),
        (!extents.is_empty()).then(|| format!("extent {}", extents.join(" and "))),
        of.compensation.as_ref().and_then(code),
        (of.definitive == Some(false)).then(|| "provisional".to_owned()),
        (!of.ends_from_months.is_empty()).then(|| format!("ends from {}", of.ends_from_months.join(", "))),
        of.paid_to_authority.then(|| "paid to an authority".to_owned()),
    ])
}

/// The benefit's own name.
fn label(kind: i32) -> &'static str {
    use FkMatterKind as K;
    match K::try_from(kind) {
        Ok(K::Aktivitetsstodsarende) => "aktivitetsstöd",
        Ok(K::Allmanpensionsarende) => "allmän pension",
        Ok(K::Arbetsskadeefterlevandearende) => "arbetsskadelivränta, efterlevande",
        Ok(K::Arbetsskadeegenlivrantearende) => "arbetsskadelivränta, egen",
        Ok(K::Barnbidragsarende) => "barnbidrag",
        Ok(K::Bostadsbidragsarende) => "bostadsbidrag",
        Ok(K::Bostadstillaggsarende) => "bostadstillägg",
        Ok(K::Efterlevandepensionsarende) => "efterlevandepension",
        Ok(K::Mottagareavbarnbidrag) => "mottagare av barnbidrag",
        Ok(K::Foraldrapenningarende) => "föräldrapenning",
        Ok(K::Forebyggandesjukpenningsarende) => "förebyggande sjukpenning",
        Ok(K::Handikappersattningsarende) => "handikappersättning",
        Ok(K::Graviditetspenningsarende) => "graviditetspenning",
        Ok(K::Merkostnadsersattningsarende) => "merkostnadsersättning",
        Ok(K::Narstaendepenningarende) => "närståendepenning",
        Ok(K::Omvardnadsbidragsarende) => "omvårdnadsbidrag",
        Ok(K::Programersattningsarende) => "programersättning",
        Ok(K::Rehabersattningsarende) => "rehabiliteringsersättning",
        Ok(K::Sjukochaktivitetsersattningsarende) => "sjuk- och aktivitetsersättning",
        Ok(K::Sjukpenningarende) => "sjukpenning",
        Ok(K::Smittbararersattningsarende) => "smittbärarersättning",
        Ok(K::Tillfalligforaldrapenningarende) => "tillfällig föräldrapenning",
        Ok(K::Totalforsvarspliktsarende) => "dagpenning för totalförsvarspliktiga",
        Ok(K::Underhallsstodskrav) => "underhållsstöd, krav",
        Ok(K::Underhallsstodsmottag) => "underhållsstöd, mottaget",
        Ok(K::Vardbidragsarende) => "vårdbidrag",
        Ok(K::Yrkesskadeefterlevandearende) => "yrkesskadelivränta, efterlevande",
        Ok(K::Yrkesskadeegenlivrantearende) => "yrkesskadelivränta, egen",
        Ok(K::Unspecified) | Err(_) => "matter (ärende)",
    }
}
