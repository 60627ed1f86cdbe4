package share

import "fmt"

// A Role is what a member may do. 0 is none: not a member.
type Role uint8

// The roles. Each may do what those before it may.
const (
	Reader Role = iota + 1 // open documents
	Writer                 // seal documents, repair
	Admin                  // add, invite and remove those below, change their roles, rotate
	Owner                  // everything, also to other owners, whom nobody can invite; one always stays
)

var roleNames = [...]string{"none", "reader", "writer", "admin", "owner"}

// String names the role.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role %d", uint8(r))
}

// valid reports whether r can be given to somebody.
func (r Role) valid() bool { return r >= Reader && r <= Owner }
