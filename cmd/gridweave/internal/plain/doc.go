// Package plain serves the district as plain HTML below /plain, for browsers that the pages of the front end do not run
// in: sign in by a form, areas with their figures, open incidents, buildings with their grades, rooms. No script is
// needed, and an old browser draws the style sheet. What an account sees comes from the same use cases as everything
// else, so it is the same.
//
// A Handler is safe for use by any number of requests at a time.
package plain
