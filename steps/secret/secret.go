// Package secret keeps what must not be seen from being printed: a [Value]
// prints as [redacted] however it is formatted, and a [Redactor] takes known
// values out of any text. It knows neither flows nor files.
package secret

import (
	"fmt"
	"log/slog"
)

// Redacted is what stands where a secret was.
const Redacted = "[redacted]"

// A Value is a string that no formatting verb, encoder or logger prints. The
// zero value is the empty, absent secret and prints as an empty string.
type Value struct {
	// A pointer, for fmt asks no value in an unexported field of somebody
	// else's struct how it prints; an address is all that it can show then.
	s *string
}

// New keeps s.
func New(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{&s}
}

// Reveal returns the secret itself, for the one place that sends it.
func (v Value) Reveal() string {
	if v.s == nil {
		return ""
	}
	return *v.s
}

// IsZero reports whether there is no secret.
func (v Value) IsZero() bool { return v.Reveal() == "" }

// String implements [fmt.Stringer].
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	return Redacted
}

// Format implements [fmt.Formatter], so that no verb reaches the fields.
func (v Value) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(v.String())) // a fmt.State does not say what to do about it
}

// MarshalText implements [encoding.TextMarshaler].
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue implements [slog.LogValuer].
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }
