// Package target reads where a run sends its requests: a flowtest.yaml, and the
// environment variables that override it, become one [Target], which is a replay
// or a live environment with its app and its users. It does not know how a
// request is sent, what a flow is, or which scenarios run.
package target

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"flowtest/steps/secret"
)

// A Target is where a run sends its requests, with nothing left to look up. It
// prints, logs and encodes without any secret. It is the caller's own: no two
// calls of [File.Choose] share a map or a slice.
type Target struct {
	// Name is the key under targets. It is never empty.
	Name string

	// Live is the environment to send to. Nil means a replay: nothing goes out,
	// and nothing turns a replay into a live target later.
	Live *Live

	// Users are the people who walk through the flows, by the name that a
	// feature file gives them. Never nil; empty for a live target without users.
	Users map[string]User

	// Secrets are further values that nobody may see: those that flowtest.yaml
	// lists under scrub. Optional.
	Secrets []secret.Value
}

// Format implements [fmt.Formatter], for the reason that [Live.Format] has.
func (t Target) Format(f fmt.State, _ rune) {
	type fields Target
	_, _ = fmt.Fprintf(f, "%+v", fields(t))
}

// LogValue hides what must not be logged; it implements [slog.LogValuer].
func (t Target) LogValue() slog.Value {
	kind := slog.String("type", typeReplay)
	if t.Live != nil {
		kind = slog.Any(typeLive, *t.Live)
	}
	return slog.GroupValue(
		slog.String("name", t.Name), kind,
		slog.Any("users", slices.Sorted(maps.Keys(t.Users))),
	)
}
