//! The secret file: 32 random bytes in hex, from which cursors are sealed, keyed hashes made and the keys of
//! dormant data wrapped. Whoever loses it loses open cursors, the demo's tokens, what people said for an
//! address that no contact has any more, and the archive of dormant data for good.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::RngCore;

/// A secret file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read or made.
    #[error("the secret file {} cannot be read or made; give the server's user the right, or name another with `secret_file`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It holds something else.
    #[error("the secret file {} does not hold 64 hex digits; restore it, or remove it to have a new one made", path.display())]
    Content {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the secret, making it first if there is none.
///
/// # Errors
/// If it cannot be read or made, or holds something else.
pub fn read_or_create(path: &Path) -> Result<[u8; 32], SecretError> {
    let failed = |source| SecretError::Io { path: path.to_path_buf(), source };
    match fs::read_to_string(path) {
        Ok(text) => decode(path, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path).map_err(failed)?;
            decode(path, &fs::read_to_string(path).map_err(failed)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn decode(path: &Path, text: &str) -> Result<[u8; 32], SecretError> {
    let mut secret = [0; 32];
    hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| SecretError::Content { path: path.to_path_buf() })?;
    Ok(secret)
}

/// Written whole under another name and then linked: of several servers that start at once, one
/// secret wins and none is read half.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    private(&draft)?.write_all(format!("{}\n", hex::encode(secret)).as_bytes())?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A new file that only its owner may read.
///
/// # Errors
/// If it cannot be made.
pub fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sub").join("garant.secret");
        let first = read_or_create(&path).expect("is made");
        assert_eq!(read_or_create(&path).expect("is read"), first);
        assert_ne!(first, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("is read").count(), 1, "no draft is left");
    }

    #[test]
    fn another_content_is_refused_and_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        fs::write(&path, "not hex").expect("is written");
        assert!(matches!(read_or_create(&path), Err(SecretError::Content { .. })));
        assert_eq!(fs::read_to_string(&path).expect("is read"), "not hex");
    }
}
