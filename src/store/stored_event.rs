//! Events as JSON in the database: the only place where a stored form is known.
