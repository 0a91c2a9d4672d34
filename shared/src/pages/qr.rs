//! QR codes (ISO/IEC 18004) as inline SVG, which needs no outside resource and no script.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// The quiet zone around a code, in modules.
const MARGIN: i32 = 4;

/// A picture, drawn of squares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPicture {
    /// The length of a side, in modules.
    pub size: i32,
    /// The dark squares, row by row, as the path of an SVG.
    pub path: String,
}

/// The QR code of `text`; none where it is too long.
#[must_use]
pub fn render_qr(text: &str) -> Option<QrPicture> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let length = i32::try_from(length).unwrap_or_default();
            if length > 0 {
                // Writing to a string can't fail.
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + MARGIN, y + MARGIN);
            }
            x += length.max(1);
        }
    }
    Some(QrPicture { size: code.size() + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ISO/IEC 18004: the finder pattern in the corner, and a quiet zone around
    #[test]
    fn a_code_is_drawn_row_by_row() {
        let picture = render_qr("otpauth://totp/x:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=x").unwrap();
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
        assert_eq!((picture.size - 2 * MARGIN - 17) % 4, 0);
        assert!(render_qr(&"x".repeat(3_000)).is_none());
    }
}
