//! What need not be written.

/// Returns whether a field has its default value and need not be serialized.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
