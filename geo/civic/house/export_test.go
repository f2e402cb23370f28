package house

// RoomsSQL is the query for a building's rooms, to be explained.
const RoomsSQL = roomsSQL
