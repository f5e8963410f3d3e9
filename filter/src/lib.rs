//! The filter language of Triggerfish.
