//! `ssbtek log export`.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use ssbtek_proto::broker::v1::{ExportEntriesRequest, ExportFormat, LogEntry};

use crate::{
    ClientError, World,
    arguments::{LogExport, Shared},
    command::log_list::lines,
    run::Done,
    settings::Account,
    words,
};

pub(crate) async fn export(
    shared: &Shared,
    export: LogExport,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    let request = ExportEntriesRequest {
        format: if export.bundle.is_some() { ExportFormat::Bundle } else { ExportFormat::Entries }.into(),
        criteria: export.filter.criteria(world.clock.today())?,
        checkpoints: export.checkpoints,
        receipts: export.receipts,
        sealed: export.sealed,
    };
    let path = export.bundle.as_ref().or(export.jsonl.as_ref()).or(export.csv.as_ref());
    let path = path.ok_or(ClientError::Usage("name a file: --bundle, --jsonl or --csv"))?;
    let mut stream = broker.export_entries(account, request).await?;
    let to_stdout = path == Path::new("-");
    let mut file = if to_stdout { None } else { Some(BufWriter::new(private(path)?)) };
    let mut count = 0;
    if export.csv.is_some() {
        write(&mut file, world, CSV_HEAD.as_bytes())?;
    }
    while let Some(part) = broker.next(&mut stream).await? {
        write(&mut file, world, &part.bundle)?;
        count += part.entries.len();
        let mut text = Vec::new();
        if export.csv.is_some() {
            part.entries.iter().for_each(|entry| text.extend_from_slice(csv(entry).as_bytes()));
        } else {
            lines(&part.entries, &mut text)?;
        }
        write(&mut file, world, &text)?;
    }
    if let Some(mut file) = file {
        file.flush()?;
        file.get_ref().sync_all()?;
        let what = if export.bundle.is_some() { "bundle".to_owned() } else { format!("{count} entries") };
        writeln!(world.stderr, "ssbtek: {what} written to {}", path.display())?;
    }
    Ok(Done::Whole)
}

/// A file that only its owner reads: it holds personal data.
fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(
    file: &mut Option<BufWriter<fs::File>>,
    world: &mut World<'_>,
    bytes: &[u8],
) -> Result<(), ClientError> {
    match file {
        Some(file) => file.write_all(bytes)?,
        None => world.stdout.write_all(bytes)?,
    }
    Ok(())
}

const CSV_HEAD: &str = "entry,state,opened_at,ended_at,case_worker,unit,person_number,role,case_id,purpose,from,to,\
                        agencies,outcomes,kinds,protection,denial,action,door,duration_ms,agents,leaf_index,erased,\
                        organisation_number,agent,attested,account_kind,responsible,provisional_case,same_family_name,wanted,not_permitted,\
                        legal_bases,versions,certificate,selection,entries_read,portal,reviewed_entry,month,\
                        delayed_until,reason,malformed_field,details\r\n";

/// One line (RFC 4180).
fn csv(entry: &LogEntry) -> String {
    let period = entry.period.clone().unwrap_or_default();
    let join = |items: Vec<String>| items.join(" ");
    let fields = [
        entry.entry_id.clone(),
        words::entry_state(entry.state),
        entry.opened_at.clone(),
        entry.ended_at.clone(),
        entry.case_worker.clone(),
        entry.unit.clone(),
        entry.person_number.clone(),
        if entry.role == 0 { String::new() } else { words::role(entry.role) },
        entry.case_id.clone(),
        entry.purpose.clone(),
        period.from,
        period.to,
        join(entry.sources.iter().map(|source| source.source.clone()).collect()),
        join(
            entry
                .sources
                .iter()
                .map(|source| format!("{}={}", source.source, words::outcome(source.outcome)))
                .collect(),
        ),
        join(entry.kinds.clone()),
        if entry.protection == 0 { String::new() } else { words::protection(entry.protection) },
        entry.denial.clone(),
        entry.action.clone(),
        entry.door.clone(),
        entry.duration_ms.to_string(),
        join(entry.agents.clone()),
        entry.leaf_index.to_string(),
        entry.erased.to_string(),
        entry.organisation_number.clone(),
        entry.agent.clone(),
        entry.attested.to_string(),
        if entry.account_kind == 0 { String::new() } else { words::account_kind(entry.account_kind) },
        entry.responsible.clone(),
        entry.provisional_case.to_string(),
        entry.same_family_name.to_string(),
        join(entry.wanted.clone()),
        join(entry.not_permitted.iter().map(|out| format!("{}={}", out.agency, out.reason)).collect()),
        legal_bases(entry),
        entry.versions.join("; "),
        entry.certificate.clone(),
        entry.selection.join("; "),
        entry.entries_read.map(|n| n.to_string()).unwrap_or_default(),
        entry.portal.clone(),
        entry.reviewed_entry.clone(),
        entry.month.clone(),
        entry.delayed_until.clone(),
        entry.reason.clone(),
        entry.malformed_field.clone(),
        entry.details.join("; "),
    ];
    let line: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    line.join(",") + "\r\n"
}

/// Each basis with the sources it was told to, or the one of a decision.
fn legal_bases(entry: &LogEntry) -> String {
    if !entry.legal_basis.is_empty() {
        return entry.legal_basis.clone();
    }
    let each = entry.sources.iter().map(|source| format!("{}: {}", source.source, source.legal_basis));
    each.collect::<Vec<_>>().join("; ")
}

/// Quoted where needed; what a spreadsheet would take for a formula is defused.
fn quoted(field: &str) -> String {
    // Also the full-width twins, which spreadsheets take for the plain ones.
    const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    let defused = if field.trim_start_matches(' ').starts_with(FORMULA) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    // A semicolon divides columns where a comma is the decimal sign.
    if defused.contains([',', ';', '"', '\n', '\r']) {
        format!("\"{}\"", defused.replace('"', "\"\""))
    } else {
        defused
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_field_cannot_break_out_of_its_column_or_become_a_formula() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(quoted("a;=1+1"), "\"a;=1+1\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "－1"] {
            assert_eq!(quoted(formula), format!("'{formula}"));
        }
        assert_eq!(quoted("\r=1"), "\"'\r=1\"");
    }
}
