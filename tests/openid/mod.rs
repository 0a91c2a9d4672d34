//! OpenID Connect Core, as a client and its people see it: all zones in the test's own process, at a time that the test sets.

mod subjects;
