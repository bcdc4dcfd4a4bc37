package mockserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/internal/inspect"
)

// Where there is no watcher, an event is not even made.
func TestNoteCostsNothingWhereItIsNotWatched(t *testing.T) {
	s := &Server{}
	in := &interaction{id: "a", flow: &flow{name: "demo"}}
	made := false
	cost := testing.AllocsPerRun(100, func() {
		s.note(func() inspect.Event {
			made = true
			return inspect.Event{Journey: in.id, Sent: strings.Repeat("x", len(in.id)+64)}
		})
	})
	assert.Zero(t, cost)
	assert.False(t, made)
}
