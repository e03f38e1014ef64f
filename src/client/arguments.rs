//! The command line as it is typed.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ssbtek_domain::Agency;
use ssbtek_present::{Language, Month, payments::By, since::THRESHOLD_PERCENT};

const EXIT_STATUS: &str = "\
Exit status:
  0  done; answered in full
  1  a log, a bundle or a report that does not hold together
  2  wrong usage or settings
  3  answered in part; a review is overdue
  4  refused, or a receipt that does not hold
  5  failed: the broker could not be reached or could not take it";

/// Ask the broker about a person in a case, keep cases, read the access log, check receipts.
#[derive(Parser)]
#[command(name = "ssbtek", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten, next_help_heading = "Connection")]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args)]
pub(crate) struct Shared {
    /// Folder of a running demo; its demo.json has all settings. Goes before --config
    #[arg(long, global = true, value_name = "DIR", env = "SSBTEK_DEMO", hide_env_values = true)]
    pub(crate) demo: Option<PathBuf>,
    /// Settings file [default: ~/.config/ssbtek/client.toml]
    #[arg(long, global = true, value_name = "FILE", env = "SSBTEK_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
    /// Account that calls [default: the one the settings name for the command]
    #[arg(long = "as", global = true, value_name = "ACCOUNT", env = "SSBTEK_AS", hide_env_values = true)]
    pub(crate) account: Option<String>,
    /// Longest wait for one call
    #[arg(long, global = true, value_name = "SECONDS", env = "SSBTEK_TIMEOUT", hide_env_values = true)]
    #[arg(default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) timeout: u32,
    /// Language of answers [default: by LC_ALL, LC_MESSAGES, LANG; else English]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) language: Option<LanguageCode>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LanguageCode {
    Sv,
    En,
}

impl LanguageCode {
    pub(crate) fn language(self) -> Language {
        match self {
            LanguageCode::Sv => Language::Swedish,
            LanguageCode::En => Language::English,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask all agencies about one person in a case
    #[command(after_help = EXIT_STATUS)]
    Ask(Ask),
    /// Register, assign and close cases
    #[command(subcommand)]
    Case(Case),
    /// Register, follow up and block accounts; confirm the instructions
    #[command(subcommand)]
    CaseWorker(CaseWorker),
    /// Correct what is wrong about a person, or let nobody ask while that is in dispute
    #[command(subcommand)]
    Rights(Rights),
    /// The board's agreement: see it, and do the board's own part of it
    #[command(subcommand)]
    Agreement(Agreement),
    /// Read the board's access log
    #[command(subcommand)]
    Log(Log),
    /// Open the board's log to persons through exactly these citizen portals
    Portals(Portals),
    /// Check the receipt of an answer, offline
    #[command(subcommand)]
    Receipt(Receipt),
}

#[derive(Args)]
pub(crate) struct Ask {
    /// The case [default: the settings' case]
    #[arg(long, value_name = "ID")]
    pub(crate) case: Option<String>,
    /// The person's role in the case: sökande, medsökande, barn; several are asked about one after the other and shown side by side
    /// [default: applicant]
    #[arg(long, value_enum)]
    pub(crate) role: Vec<Role>,
    /// The person, 12 digits; needed only where several have the role
    #[arg(long, value_name = "NUMBER")]
    pub(crate) person: Option<String>,
    /// Ask about everybody in the case's household at once
    #[arg(long, conflicts_with_all = ["role", "person", "again"])]
    pub(crate) household: bool,
    /// First day, YYYY-MM-DD [default: the first of the month two months back]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<NaiveDate>,
    /// Last day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<NaiveDate>,
    /// Ask about this month and show its payments, YYYY-MM
    #[arg(long, value_name = "MONTH", value_parser = month, conflicts_with_all = ["from", "to"])]
    pub(crate) month: Option<Month>,
    /// Compare the month [--month; default: this month] with this earlier one, YYYY-MM: new, gone, changed, became paid
    #[arg(long, value_name = "MONTH", value_parser = month, conflicts_with_all = ["from", "to", "json"])]
    pub(crate) since: Option<Month>,
    /// Per cent beyond which --since tells a change by itself
    #[arg(long, value_name = "PERCENT", default_value_t = THRESHOLD_PERCENT, requires = "since")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) threshold: u32,
    /// Compare the month [--month; default: this month] with what the applicant states, read from FILE or, by itself, from the
    /// standard input: a line for each, such as "barnbidrag 1 250". Nothing of it is kept or sent
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "json")]
    pub(crate) compare: Option<PathBuf>,
    /// Which date puts a payment in a month
    #[arg(long, value_enum, default_value_t = MonthBy::PaymentDay, conflicts_with = "json")]
    pub(crate) by: MonthBy,
    /// Show everything, also what is folded away: identities, codes, parts of payments, bases
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,
    /// Ask only this agency; may be given several times
    #[arg(long, value_name = "CODE", ignore_case = true)]
    #[arg(value_parser = Agency::ALL.map(Agency::code))]
    pub(crate) agency: Vec<String>,
    /// Ask again only the agencies that failed in the answer with this entry; give case and person as then
    #[arg(long, value_name = "ENTRY")]
    pub(crate) again: Option<String>,
    /// Why the question is asked [default: ekonomiskt bistånd]
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
    /// Also fetch the agencies' original bytes (shown with --json)
    #[arg(long)]
    pub(crate) originals: bool,
    /// One JSON document instead of tables; tells nothing before it is whole
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not tell of each agency as it answers, only the whole answer
    #[arg(long)]
    pub(crate) no_stream: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    #[value(alias = "sökande")]
    Applicant,
    #[value(aliases = ["co_applicant", "medsökande"])]
    CoApplicant,
    #[value(alias = "barn")]
    Child,
}

/// Which date puts a payment in a month.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MonthBy {
    /// The day of payment
    PaymentDay,
    /// The time that it covers
    Period,
}

impl MonthBy {
    pub(crate) fn by(self) -> By {
        match self {
            MonthBy::PaymentDay => By::PaymentDay,
            MonthBy::Period => By::Period,
        }
    }
}

fn month(text: &str) -> Result<Month, &'static str> {
    Month::parse(text).ok_or("must be YYYY-MM")
}

#[derive(Subcommand)]
pub(crate) enum Case {
    /// Register a case with its household
    Register {
        /// The case's id in the board's own system
        case: String,
        /// Sökande, 12 digits
        #[arg(long, value_name = "NUMBER")]
        applicant: String,
        /// Medsökande, 12 digits
        #[arg(long, value_name = "NUMBER")]
        co_applicant: Option<String>,
        /// Barn, 12 digits; may be given several times
        #[arg(long, value_name = "NUMBER")]
        child: Vec<String>,
        /// Member whose identity the board knows to be protected, 12 digits; may be given several times
        #[arg(long, value_name = "NUMBER")]
        protected: Vec<String>,
        /// Account that may ask in the case; may be given several times [default: the settings' case worker]
        #[arg(long, value_name = "ACCOUNT")]
        case_worker: Vec<String>,
        /// First contact, not yet confirmed: lapses by itself unless confirmed in time
        #[arg(long)]
        provisional: bool,
    },
    /// Confirm a provisional case
    Confirm {
        /// The case
        case: String,
    },
    /// Replace the household
    Members {
        /// The case
        case: String,
        /// The version of the case that the household was made from, as the last change told it; needed to take somebody out
        #[arg(long = "expected-version", value_name = "VERSION")]
        version: Option<u64>,
        /// Sökande, 12 digits
        #[arg(long, value_name = "NUMBER")]
        applicant: String,
        /// Medsökande, 12 digits
        #[arg(long, value_name = "NUMBER")]
        co_applicant: Option<String>,
        /// Barn, 12 digits; may be given several times
        #[arg(long, value_name = "NUMBER")]
        child: Vec<String>,
        /// Member whose identity the board knows to be protected, 12 digits; may be given several times
        #[arg(long, value_name = "NUMBER")]
        protected: Vec<String>,
    },
    /// Give the case to accounts, or take it from some
    #[command(group = clap::ArgGroup::new("change").args(["add", "remove"]).multiple(true).required(true))]
    Assign {
        /// The case
        case: String,
        /// Account to add; may be given several times
        #[arg(long, value_name = "ACCOUNT")]
        add: Vec<String>,
        /// Account to remove; may be given several times
        #[arg(long, value_name = "ACCOUNT")]
        remove: Vec<String>,
    },
    /// Close the case for good
    Close {
        /// The case
        case: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum CaseWorker {
    /// Register an account of the board
    Register {
        /// The account
        id: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// Organisational unit
        #[arg(long)]
        unit: String,
        /// What the account may do; may be given several times
        #[arg(long, value_enum, required = true)]
        duty: Vec<Duty>,
        /// The account is a system's, which does not say who asks in it: the account of the person who answers for it
        #[arg(long, value_name = "ACCOUNT")]
        system_of: Option<String>,
    },
    /// Block an account: its next question is refused
    Block {
        /// The account
        id: String,
    },
    /// Register the holder's own person number, so that review points at questions about oneself; only a keyed hash is kept
    OwnNumber {
        /// The account
        id: String,
        /// 12 digits
        #[arg(required_unless_present = "remove")]
        number: Option<String>,
        /// Take the number away
        #[arg(long, conflicts_with = "number")]
        remove: bool,
    },
    /// Say which sign-in leads to the account at the pages' door; only a keyed hash is kept
    SignIn {
        /// The account
        id: String,
        /// The OpenID provider, as the `iss` of its tokens names it
        #[arg(long, required_unless_present = "remove", requires = "subject")]
        issuer: Option<String>,
        /// The `sub` of its tokens about the account's holder
        #[arg(long, requires = "issuer")]
        subject: Option<String>,
        /// Take the sign-in away: every session that it began ends
        #[arg(long, conflicts_with_all = ["issuer", "subject"])]
        remove: bool,
    },
    /// Record that an account is still needed
    FollowUp {
        /// The account
        id: String,
    },
    /// All accounts: blocked, not confirmed, dormant
    List {
        /// Days without a question after which an account that may ask is dormant
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        dormant_after: u32,
        /// Only accounts of systems
        #[arg(long)]
        systems: bool,
    },
    /// Confirm the instructions, as the account itself [default account: the settings' case worker]
    ConfirmInstructions {
        /// The version read [default: the one in force]
        version: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Agreement {
    /// Where the connection stands and what it rests on
    Show,
    /// On what grounds agencies are asked: every provision, with what it covers and when it holds
    LegalBases,
    /// Record who answers for the board
    Contact {
        /// Function or name
        #[arg(long)]
        name: String,
        /// E-mail address
        #[arg(long)]
        email: String,
        /// Telephone
        #[arg(long)]
        phone: String,
    },
    /// Set all rules of the board's own; what is not named is not tightened
    Rules(Rules),
    /// Approve sub-processors of the provider, beside those approved already
    Approve {
        /// Organisation numbers
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// Withdraw the approval of sub-processors
    Withdraw {
        /// Organisation numbers
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// Prove the technical connection: the certificate of this call is confirmed as the board's own
    ProveConnection,
    /// Confirm another certificate that the operator has registered for the board as the board's own
    ConfirmCertificate {
        /// SHA-256 of the certificate (DER), 64 lower-case hexadecimal digits, as you have it from your own case system
        sha256: String,
    },
    /// Add a key that signs assertions, beside those in use
    AddKey {
        /// Its id
        kid: String,
        /// The public key, PEM: P-256 or Ed25519
        file: PathBuf,
    },
    /// Retire a key that signs assertions
    RetireKey {
        /// Its id
        kid: String,
        /// From when it is refused, RFC 3339 [default: now]
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },
    /// Sign an agent's notification: the very document that the agent signed
    SignNotification {
        /// The agent's organisation number
        agent: String,
        /// The notification; its hash is sent
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
    },
    /// End an agent's connection of the board, at once
    EndNotification {
        /// The agent's organisation number
        agent: String,
    },
}

#[derive(Args)]
pub(crate) struct Rules {
    /// Only this account may be told of protected persons; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) protected_only_for: Vec<String>,
    /// Nobody may be told of protected persons
    #[arg(long, conflicts_with = "protected_only_for")]
    pub(crate) protected_for_nobody: bool,
    /// Questions from this time of day, HH:MM in Stockholm
    #[arg(long, value_name = "HH:MM", requires = "to")]
    pub(crate) from: Option<String>,
    /// Questions until this time of day, HH:MM in Stockholm
    #[arg(long, value_name = "HH:MM", requires = "from")]
    pub(crate) to: Option<String>,
    /// No questions on Saturdays and Sundays
    #[arg(long, requires = "from")]
    pub(crate) weekdays_only: bool,
    /// Most questions of one account within an hour
    #[arg(long, value_name = "N")]
    pub(crate) max_questions_an_hour: Option<u32>,
    /// Longest life of a provisional case; 0 forbids them
    #[arg(long, value_name = "DAYS")]
    pub(crate) max_provisional_days: Option<u32>,
    /// Every other adult of a household must have been asked about within so many days before a home is told
    #[arg(long, value_name = "DAYS")]
    pub(crate) household_check_days: Option<u32>,
    /// Tell what the person asked about is called, also where that person is, or may be, protected
    #[arg(long)]
    pub(crate) names_of_protected: bool,
    /// Never ask this agency; may be given several times
    #[arg(long, value_name = "CODE", ignore_case = true)]
    #[arg(value_parser = Agency::ALL.map(Agency::code))]
    pub(crate) never_ask: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum Rights {
    /// Correct the number or role of a person in a case, open or closed
    CorrectMember {
        /// The case
        case: String,
        /// The person as the case has it, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
        /// The right number, 12 digits [default: it is right]
        #[arg(long, value_name = "NUMBER")]
        right_person: Option<String>,
        /// The right role
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Correct the name or unit of an account
    #[command(group = clap::ArgGroup::new("right").args(["name", "unit"]).multiple(true).required(true))]
    CorrectAccount {
        /// The account
        id: String,
        /// The person's name
        #[arg(long)]
        name: Option<String>,
        /// Organisational unit
        #[arg(long)]
        unit: Option<String>,
    },
    /// Let nobody at the board ask about a person
    Restrict {
        /// The person, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
        /// The matter's reference number
        #[arg(long)]
        reference: String,
    },
    /// End a restriction
    Lift {
        /// The person, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
    },
    /// What the board remembers of a person's protected identity
    Protection {
        /// The person, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
    },
    /// Lift it; not while a source or an open case still says so
    LiftProtection {
        /// The person, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
        /// Why
        #[arg(long)]
        ground: String,
    },
    /// Whether a person is restricted
    Show {
        /// The person, 12 digits
        #[arg(long, value_name = "NUMBER")]
        person: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Duty {
    Asks,
    KeepsCases,
    Audits,
    Administers,
    DelaysDisclosure,
}

/// What every part of the log's help ends with.
const READINGS: &str = "Every reading is itself logged: who read, what was selected, how many entries.";

#[derive(Subcommand)]
pub(crate) enum Log {
    /// List entries, newest first
    #[command(after_help = READINGS)]
    List(LogList),
    /// Show one entry in full and check its proofs
    #[command(after_help = READINGS)]
    Show(LogShow),
    /// Export entries: as a bundle that verifies itself, as JSON Lines, or as CSV
    #[command(after_help = READINGS)]
    Export(LogExport),
    /// Check a bundle, or the live log against what was seen of it before; trusts no server
    #[command(after_help = "Exit status 1: it does not hold.")]
    Verify(LogVerify),
    /// The monthly review: draw a sample, record outcomes, see what is overdue
    #[command(subcommand)]
    Review(LogReview),
    /// A month's use in numbers and as a picture, or what a person is owed
    #[command(after_help = READINGS)]
    Report(LogReport),
    /// Delay telling persons of the questions in a case, until a day that ends it by itself
    #[command(after_help = "Nothing is hidden from auditors, and the decision itself stands in the log.")]
    Delay(LogDelay),
}

#[derive(Args)]
pub(crate) struct LogShow {
    /// The entry, 32 hexadecimal digits
    pub(crate) entry: String,
    /// The entry as one line of JSON, proofs unchecked
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LogDelay {
    /// The case
    pub(crate) case: String,
    /// First day on which persons are told again, YYYY-MM-DD; today lifts an earlier decision
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: NaiveDate,
    /// Why; kept sealed in the log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The provision it rests on
    #[arg(long, value_name = "TEXT")]
    pub(crate) basis: String,
}

#[derive(Args)]
pub(crate) struct LogExport {
    #[command(flatten)]
    pub(crate) filter: LogFilter,
    /// Bundle to write; - writes standard output
    #[arg(long, value_name = "PATH", required_unless_present_any = ["jsonl", "csv"])]
    pub(crate) bundle: Option<PathBuf>,
    /// JSON Lines to write, oldest first, one entry a line
    #[arg(long, value_name = "PATH", conflicts_with = "bundle")]
    pub(crate) jsonl: Option<PathBuf>,
    /// CSV to write, oldest first
    #[arg(long, value_name = "PATH", conflicts_with_all = ["bundle", "jsonl"])]
    pub(crate) csv: Option<PathBuf>,
    /// Bundle: so many checkpoints with consistency proofs, spread evenly
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) checkpoints: u32,
    /// Bundle: with a receipt for every answer
    #[arg(long)]
    pub(crate) receipts: bool,
    /// Bundle: without the entries' content
    #[arg(long)]
    pub(crate) sealed: bool,
}

#[derive(Args)]
pub(crate) struct LogVerify {
    /// The bundle; without it the live log
    pub(crate) path: Option<PathBuf>,
    /// The log's public key (C2SP vkey) [default: the settings' log_key]
    #[arg(long, value_name = "VKEY", env = "SSBTEK_LOG_KEY", hide_env_values = true)]
    pub(crate) log_key: Option<String>,
    /// A witness's public key (C2SP vkey); may be given several times
    #[arg(long, value_name = "VKEY")]
    pub(crate) witness_key: Vec<String>,
    /// Witnesses that must have cosigned [default: all that are named]
    #[arg(long, value_name = "N")]
    pub(crate) quorum: Option<usize>,
    /// A checkpoint kept from before, as a file; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Vec<PathBuf>,
    /// Live: fetch and check every entry, not only the checkpoint
    #[arg(long, conflicts_with = "path")]
    pub(crate) full: bool,
}

#[derive(Subcommand)]
pub(crate) enum LogReview {
    /// Draw a month's sample from a published seed
    Draw {
        /// YYYY-MM
        month: String,
        /// The published seed
        #[arg(long)]
        seed: String,
        /// Questions drawn at random
        #[arg(long, value_name = "N", default_value_t = 20)]
        random: u32,
    },
    /// Show a month's sample and its reviews
    Show {
        /// YYYY-MM
        month: String,
    },
    /// Record and sign the outcome for one entry
    Record {
        /// YYYY-MM
        month: String,
        /// The entry
        entry: String,
        /// What the review led to
        #[arg(long, value_enum)]
        outcome: ReviewOutcome,
    },
    /// Months whose review is late; exit status 3 if there are any
    Overdue,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ReviewOutcome {
    /// The question was called for
    NoRemark,
    /// The case worker is asked to explain
    ToBeExplained,
    /// Access without need
    Suspected,
}

#[derive(Args)]
pub(crate) struct LogReport {
    /// Month, YYYY-MM [default: the present one]
    #[arg(long, conflicts_with = "person")]
    pub(crate) month: Option<String>,
    /// Also as a picture (SVG) in this file
    #[arg(long, value_name = "FILE", conflicts_with = "person")]
    pub(crate) svg: Option<PathBuf>,
    /// Report to this person instead, 12 digits: everything asked about the person, with proofs checked
    #[arg(long, value_name = "NUMBER")]
    pub(crate) person: Option<String>,
    /// Report to a person: also tell which account asked
    #[arg(long, requires = "person")]
    pub(crate) with_case_worker: bool,
    /// Report to a person: also what is delayed by a decision in force; not to be handed over
    #[arg(long, requires = "person")]
    pub(crate) with_delayed: bool,
    /// Report to a person: go through the whole log, proven, and make sure that no question about the person is missing
    #[arg(long, requires = "person")]
    pub(crate) complete: bool,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LogList {
    #[command(flatten)]
    pub(crate) filter: LogFilter,
    /// Most entries to list; 0 lists all [default: 100, with --json all]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// JSON Lines, one entry a line, its id as `entry`
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LogFilter {
    /// Only about this person, 12 digits
    #[arg(long, value_name = "NUMBER")]
    pub(crate) person: Option<String>,
    /// Only in this case
    #[arg(long, value_name = "ID")]
    pub(crate) case: Option<String>,
    /// Only by this account
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) case_worker: Option<String>,
    /// Only this entry, 32 hexadecimal digits
    #[arg(long, value_name = "ID")]
    pub(crate) entry: Option<String>,
    /// Only by accounts of this unit
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// Only from this moment on: today, yesterday (idag, igår), YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this moment: today, yesterday (idag, igår), YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only where this agency was to be asked
    #[arg(long, value_name = "CODE", ignore_case = true)]
    #[arg(value_parser = Agency::ALL.map(Agency::code))]
    pub(crate) agency: Option<String>,
    /// Only where a source (the agency's, if one is named) had this outcome
    #[arg(long, value_name = "OUTCOME", value_parser = [
        "answered", "answered_in_part", "no_such_person", "failed_at_source", "timed_out", "not_reachable",
        "answer_refused", "not_asked", "not_permitted",
    ])]
    pub(crate) outcome: Option<String>,
    /// Only about persons protected at least so
    #[arg(long, value_name = "LEVEL", value_parser = ["none", "not_known", "sekretessmarkering", "skyddad_folkbokforing"])]
    pub(crate) protection: Option<String>,
    /// Only through this organisation (personuppgiftsbiträde), 12 digits
    #[arg(long, value_name = "NUMBER")]
    pub(crate) agent: Option<String>,
    /// Only entries of this kind; with --person, `reading` gives those who read about the person
    #[arg(long, value_enum)]
    pub(crate) kind: Option<EntryKind>,
    /// Only in cases that rest on the board's own attestation
    #[arg(long)]
    pub(crate) attested: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EntryKind {
    /// Questions that were permitted
    Question,
    /// Refused questions
    Denial,
    /// Changes of the registry
    Change,
    /// Readings of the log
    Reading,
    /// Samples drawn
    Sample,
    /// Reviews
    Review,
    /// Decisions to tell persons later
    Delay,
    /// Protection of persons that was lifted
    ProtectionLifted,
    /// Receipts of erasure
    Erasure,
}

#[derive(Args)]
pub(crate) struct Portals {
    /// Organisation numbers of registered portals, 12 digits each
    #[arg(required_unless_present = "none", value_name = "NUMBER")]
    pub(crate) portals: Vec<String>,
    /// SHA-256 of a portal's certificate (DER), as you have it from the portal itself; at least one for each portal
    #[arg(long = "certificate", value_name = "SHA256")]
    pub(crate) certificates: Vec<String>,
    /// Through none
    #[arg(long, conflicts_with = "portals")]
    pub(crate) none: bool,
}

#[derive(Subcommand)]
pub(crate) enum Receipt {
    /// Check that a receipt proves its record to stand in the log
    Verify {
        /// What `ask --json` printed, or its `receipt`; - reads standard input
        file: PathBuf,
        /// The log's public key, as the board was given it (C2SP vkey) [default: the settings' log_key]
        #[arg(long, value_name = "VKEY", env = "SSBTEK_LOG_KEY", hide_env_values = true)]
        log_key: Option<String>,
    },
}

/// A day, in the one form that the broker takes.
fn day(text: &str) -> Result<NaiveDate, &'static str> {
    ssbtek_domain::parse_day(text).ok_or("must be a date, YYYY-MM-DD")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_does_not_contradict_itself() {
        super::Arguments::command().debug_assert();
    }
}
