//! The plugins that come with the server, as `build.rs` found and built them. No code names one.

use garant_policy::{Publisher, SignatureError};
use garant_service::ShippedPlugin;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The shipped plugins, by id.
#[must_use]
pub fn shipped_plugins() -> Vec<ShippedPlugin> {
    let plugin = |(id, bytes, signature): &(&str, &[u8], &str)| ShippedPlugin {
        id: (*id).to_owned(),
        bytes: bytes.to_vec(),
        signature: Some((*signature).to_owned()),
    };
    SHIPPED.iter().map(plugin).collect()
}

/// Who signed them: a key that this build made and forgot.
///
/// # Errors
///
/// Never for a build that ended.
pub fn shipped_publisher() -> Result<Publisher, SignatureError> {
    Publisher::new("Garant, with the server", PUBLISHER_KEY)
}

#[cfg(test)]
mod tests {
    use garant_policy::Trust;

    use super::*;

    #[test]
    fn every_plugin_folder_is_shipped_as_a_module() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins");
        let folders = std::fs::read_dir(folder)
            .expect("plugins")
            .flatten()
            .filter(|entry| entry.path().join("Cargo.toml").is_file());
        let mut expected: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        expected.sort();
        let shipped = shipped_plugins();
        assert_eq!(shipped.iter().map(|plugin| plugin.id.clone()).collect::<Vec<_>>(), expected);
        for plugin in shipped {
            assert!(plugin.bytes.starts_with(b"\0asm"), "{} is no WASM", plugin.id);
        }
    }

    #[test]
    fn every_shipped_plugin_is_signed_like_any_other() {
        let trust = Trust { publishers: vec![shipped_publisher().expect("a key")], allow_unsigned: false };
        for mut plugin in shipped_plugins() {
            let name = trust.check(&plugin.bytes, plugin.signature.as_deref()).expect("a good signature");
            assert_eq!(name.as_deref(), Some("Garant, with the server"));
            plugin.bytes.push(0);
            assert_eq!(trust.check(&plugin.bytes, plugin.signature.as_deref()), Err(SignatureError::Mismatch));
        }
    }
}
