package share

// The limits (spec, Section 10). They bound what a member gone bad can do to
// the others, and what a server can make a client do.
const (
	memberLimit     = 10_000  // members and open invitations of a group
	invitationLimit = 1_000   // open invitations of a group
	peopleLimit     = 1_000   // people taken in by one entry
	idLimit         = 10_000  // people removed, or given a role, by one entry
	repairLimit     = 1_000   // older keys in one entry
	entryLimit      = 100_000 // entries of a log
	ownersReserve   = 1_000   // of these, only owners write the last
	entrySizeLimit  = 4 << 20
	identityLimit   = 4 + 64*1413 // of package keys
	snapshotLimit   = 1 << 30
)
