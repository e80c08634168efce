//! The checksum of the internet protocols.

/// Computes the checksum of RFC 1071 over parts of even length. Over data that includes its own
/// checksum, the result is zero.
pub(in crate::host) fn internet_checksum(parts: &[&[u8]]) -> u16 {
    let pairs = parts.iter().flat_map(|part| part.chunks_exact(2));
    let words = pairs.map(|pair| {
        pair.iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte))
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}
