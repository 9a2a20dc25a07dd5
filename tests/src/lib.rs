//! Nothing lives here: the tests of the whole server are in `it/`, one binary.
