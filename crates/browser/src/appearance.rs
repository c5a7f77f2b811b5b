//! The page as others see it: on a small screen, in the dark, without motion.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::Browser;

impl Browser {
    /// Makes the page `width` pixels wide. Unlike a window, it can be as narrow as a telephone.
    pub fn resize(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Switches between the dark and the light colour scheme.
    pub fn dark(&self, is_dark: bool) {
        self.prefer(&[("prefers-color-scheme", if is_dark { "dark" } else { "light" })]);
    }

    /// Sets the user's preferences, as the names and values of media features, for example `prefers-reduced-motion` and
    /// `reduce`. All others become the default again.
    pub fn prefer(&self, preferences: &[(&str, &str)]) {
        let features: Vec<Json> =
            preferences.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Writes a picture of the visible part of the page, as a PNG file.
    pub fn screenshot(&self, path: impl AsRef<Path>) {
        let picture = self.get("screenshot");
        let bytes = base64(picture.as_str().unwrap());
        std::fs::write(path, bytes).unwrap();
    }

    /// Returns whether the page has to be scrolled to the side.
    #[must_use]
    pub fn scrolls_sideways(&self) -> bool {
        self.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth") == true
    }

    /// Sends a command of the protocol of Chromium's developer tools. WebDriver has no command for these.
    fn devtools(&self, name: &str, parameters: &Json) {
        self.command("goog/cdp/execute", json!({"cmd": name, "params": parameters}));
    }
}

/// Decodes base 64, in which the driver sends pictures.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digit = [0_u32; 256];
    for (value, &letter) in (0..).zip(ALPHABET) {
        digit[usize::from(letter)] = value;
    }
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits, &letter| bits << 6 | digit[usize::from(letter)]);
        let bits = bits << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
