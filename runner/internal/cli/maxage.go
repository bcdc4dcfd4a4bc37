package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"flowtest/recordings"
)

const day = 24 * time.Hour

// An age is a flag that holds a duration in days, as in 90d, or as Go writes one.
// Zero means that it was not given.
type age time.Duration

// Set implements [pflag.Value].
func (a *age) Set(text string) error {
	wrong := fmt.Errorf("%q is no age, want days as in 90d, or hours as in 36h", text)
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		if n, err = strconv.ParseFloat(days, 64); n > float64(math.MaxInt64/day) || math.IsNaN(n) {
			return wrong
		}
		d = time.Duration(n * float64(day))
	}
	if err != nil || d <= 0 {
		return wrong
	}
	*a = age(d)
	return nil
}

// String implements [pflag.Value].
func (a *age) String() string {
	d := time.Duration(*a)
	switch {
	case d == 0:
		return ""
	case d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	default:
		return d.String()
	}
}

// Type implements [pflag.Value].
func (a *age) Type() string { return "age" }

// old says which recordings were made longer ago than that. One that nobody
// recorded has no date, and is as old as the documentation.
func (a *age) old(flows []*recordings.Flow, now time.Time) []string {
	var out []string
	for _, f := range flows {
		if *a == 0 || f.Meta == nil || f.Meta.Date.IsZero() {
			continue
		}
		if since := now.Sub(f.Meta.Date); since > time.Duration(*a) {
			out = append(out, fmt.Sprintf("the recording of %q is %s old, made on %s: record it again (--max-age %s)",
				f.Name, counted(int(since/day), "day"), f.Meta.Date.Format(time.DateOnly), a))
		}
	}
	return out
}
