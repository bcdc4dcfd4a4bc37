package flow

import "slices"

// An Unsent is a field that was filled in and whose value no request has carried.
type Unsent struct {
	Key string

	// Lost says that the flow has left the screen, so that no request will carry
	// it. Otherwise the next button that is pressed sends it.
	Lost bool
}

// Unsent returns what was filled in and is not sent, in the order in which it
// was filled in. A poll sends nothing that was filled in. The slice is the
// journey's.
func (j *Journey) Unsent() []Unsent { return j.unsent }

// keepUnsent notes a field that was filled in.
func (j *Journey) keepUnsent(key string) {
	if !slices.Contains(j.unsent, Unsent{Key: key}) {
		j.unsent = append(j.unsent, Unsent{Key: key})
	}
}

// sent notes that a button takes along what was filled in at the screen.
func (j *Journey) sent() {
	j.unsent = slices.DeleteFunc(j.unsent, func(u Unsent) bool { return !u.Lost })
}

// left notes that the flow is at the screen no more.
func (j *Journey) left() {
	for i := range j.unsent {
		j.unsent[i].Lost = true
	}
}
