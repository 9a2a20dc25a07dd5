//! The plugins that come with the server, as `build.rs` found and built them. No code names one.

use garant_service::ShippedPlugin;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The shipped plugins, by id.
#[must_use]
pub fn shipped_plugins() -> Vec<ShippedPlugin> {
    SHIPPED.iter().map(|(id, bytes)| ShippedPlugin { id: (*id).to_owned(), bytes: bytes.to_vec() }).collect()
}

#[cfg(test)]
mod tests {
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
}
