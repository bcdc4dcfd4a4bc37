package har

// A Legend is what a HAR that flowtest wrote says of itself, so that it can be made
// a recording again: what was typed in it is made up, and who would have typed it is
// known to nobody else. The zero value is that of a file which somebody else wrote.
//
// It stands below log._flowtest: HAR 1.2 leaves the names that begin with an
// underscore to programs.
type Legend struct {
	// Users are the made-up people who go through the flows: attributes by name.
	// Values that somebody really has do not belong here.
	Users map[string]map[string]string `json:"users"`

	// Flows are the names of the flows by the ids of their flow policies.
	Flows map[string]string `json:"flows"`
}

// legendKey is the member of log that holds the legend.
const legendKey = "_flowtest"

// empty reports whether there is nothing to say.
func (l *Legend) empty() bool { return len(l.Users) == 0 && len(l.Flows) == 0 }
