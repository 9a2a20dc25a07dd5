//! `garant plugin keygen` and `garant plugin sign`: what an author does before handing a plugin over.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use rand::RngCore;

use crate::secret;

pub(super) fn keygen(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    ensure!(!file.exists(), "{name}: there is a file already; a key is never overwritten");
    let mut random = [0; 32];
    rand::rng().fill_bytes(&mut random);
    let (secret, public) = garant_policy::key_pair(random);
    let mut key = secret::private(file).with_context(|| format!("{name}: cannot be made"))?;
    writeln!(key, "{secret}").with_context(|| format!("{name}: cannot be written"))?;
    eprintln!("The secret key is in {name}; keep it. Whoever shall trust your plugins adds this to the configuration:");
    println!("[[policy.publishers]]\nname = \"YOUR NAME\"\nkey = \"{public}\"");
    Ok(())
}

pub(super) fn sign(key: &Path, file: &Path) -> anyhow::Result<()> {
    let secret = std::fs::read_to_string(key);
    let secret =
        secret.with_context(|| format!("{}: cannot be read; `garant plugin keygen` makes one", key.display()))?;
    let bytes = std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let signature = garant_policy::sign(&secret, &bytes).with_context(|| key.display().to_string())?;
    let beside = signature_of(file);
    std::fs::write(&beside, format!("{signature}\n"))
        .with_context(|| format!("{}: cannot be written", beside.display()))?;
    println!("{}", beside.display());
    Ok(())
}

/// The signature file of a plugin: its name with `.sig` behind it.
pub(super) fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}
