// Package search finds areas, buildings, rooms and incidents by code, name or address, also with a typing error in it:
// a wrong, missing or doubled character of a name, two digits of a code that changed places, full-width digits. It only
// reads, and only within the caller's area.
//
// Names go through trigrams in the database (migrations/0016_search.sql tells how), codes through the codes that one
// slip away from what was typed.
package search
