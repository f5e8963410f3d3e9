//! The attributes of Triggerfish.
