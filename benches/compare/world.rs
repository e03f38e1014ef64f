//! What all processes agree on: certificates, keys, who asks, whom and over which period. A directory on a real disk.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, Clock, FUNDS, SystemClock};
use ssbtek_pki::{Identity, Issued, Roots, TestAuthority, Validity};
use ssbtek_proto::agency::v1::Period;

/// Households with a case each.
pub(crate) const HOUSEHOLDS: usize = 64;
/// Seed of the population.
pub(crate) const SEED: u64 = 1;
/// The asking board: made up, with a correct check digit.
pub(crate) const BOARD: &str = "162120009994";
/// The board's name.
pub(crate) const BOARD_NAME: &str = "Socialnämnden i Mätköping";
/// The provider: made up likewise.
pub(crate) const PROVIDER: &str = "162021009994";
/// The deployment's name.
pub(crate) const DEPLOYMENT: &str = "bench.ssbtek-broker.example";
/// The account that asks.
pub(crate) const CASE_WORKER: &str = "anna.berg";
/// The account that registers accounts.
pub(crate) const ADMINISTRATOR: &str = "nils.admin";
/// The account that registers cases.
pub(crate) const CASE_SYSTEM: &str = "arendesystemet";
/// The account that reads the log.
pub(crate) const AUDITOR: &str = "greta.granskare";
/// Name of the key that signs assertions.
pub(crate) const KID: &str = "bench-1";

/// Base addresses by a source's code.
pub(crate) type Addresses = BTreeMap<String, String>;

/// What the mocks say when they are ready.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MockAddresses {
    pub(crate) tls: Addresses,
    pub(crate) plain: Addresses,
}

/// The directory.
pub(crate) struct World {
    pub(crate) dir: PathBuf,
}

impl World {
    /// A directory that was prepared.
    pub(crate) fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// A new directory with certificates and keys.
    pub(crate) fn prepare(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let world = Self::at(dir);
        let now = SystemClock.now();
        let validity =
            Validity { not_before: now - TimeDelta::hours(1), not_after: now + TimeDelta::days(1) };
        let authority = TestAuthority::new("SSBTEK bench CA", validity)?;
        let loopback = [Ipv4Addr::LOCALHOST.into()];
        world.save("broker", &authority.server(&["localhost"], &loopback, validity)?)?;
        world.save("agencies", &authority.server(&["localhost"], &loopback, validity)?)?;
        for client in ["broker-as-client", "board", "operator", "operator-2"] {
            world.save(client, &authority.client(client, BOARD_NAME, validity)?)?;
        }
        world.write("ca.pem", &authority.root_pem())?;
        world.write("revoked.pem", &authority.crl_pem(now, validity.not_after)?)?;
        let assertion = KeyPair::generate()?;
        world.write("assertion.pub", &assertion.public_key_pem())?;
        world.write("assertion.key", &assertion.serialize_pem())?;
        Ok(world)
    }

    /// A directory below, for gateways over so many sources: six agencies and as many funds as it takes.
    pub(crate) fn scenario(&self, sources: usize) -> Result<Self> {
        let agencies =
            Agency::ALL.into_iter().filter(|agency| *agency != Agency::So).map(|agency| agency.code());
        let all: Vec<&str> = agencies.chain(FUNDS.iter().map(|(code, _)| *code)).collect();
        if !(7..=all.len()).contains(&sources) {
            bail!("--sources must be 7 to {}", all.len());
        }
        let dir = self.dir.join(format!("{sources}-sources"));
        fs::create_dir_all(&dir)?;
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), dir.join(entry.file_name()))?;
            }
        }
        let world = Self { dir };
        world.write("sources.json", &serde_json::to_string(&all.get(..sources))?)?;
        Ok(world)
    }

    /// The codes of the sources to be asked.
    pub(crate) fn sources(&self) -> Result<Vec<String>> {
        Ok(serde_json::from_str(&self.read("sources.json")?)?)
    }

    /// Where the mocks are.
    pub(crate) fn mocks(&self) -> Result<MockAddresses> {
        Ok(serde_json::from_str(&self.read("mocks.json")?)?)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.path(name)).with_context(|| format!("{name} cannot be read"))
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> Result<()> {
        fs::write(self.path(name), content).with_context(|| format!("{name} cannot be written"))
    }

    fn save(&self, name: &str, issued: &Issued) -> Result<()> {
        self.write(&format!("{name}.pem"), &issued.certificate_pem)?;
        self.write(&format!("{name}.key"), &issued.key_pem)
    }

    /// Certificate and key of one party.
    pub(crate) fn identity(&self, name: &str) -> Result<Identity> {
        let (certificate, key) = (self.read(&format!("{name}.pem"))?, self.read(&format!("{name}.key"))?);
        Ok(Identity::from_pem(certificate.as_bytes(), key.as_bytes())?)
    }

    pub(crate) fn roots(&self) -> Result<Roots> {
        Ok(Roots::from_pem(self.read("ca.pem")?.as_bytes())?)
    }

    /// Microseconds that a small write takes to become durable here, at the median.
    pub(crate) fn fsync_us(&self) -> Result<f64> {
        let path = self.path("fsync");
        let mut file = fs::File::create(&path)?;
        let mut taken = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            file.write_all(&[7; 4096])?;
            file.sync_data()?;
            taken.push(start.elapsed().as_secs_f64() * 1e6);
        }
        fs::remove_file(path)?;
        Ok(super::report::median(&taken))
    }
}

/// The period asked about: this month and the two before.
pub(crate) fn period(today: NaiveDate) -> Period {
    let first = today.checked_sub_days(Days::new(u64::from(today.day0()))).unwrap_or(today);
    let from = first.checked_sub_months(Months::new(2)).unwrap_or(first);
    Period { from: from.to_string(), to: today.to_string() }
}
