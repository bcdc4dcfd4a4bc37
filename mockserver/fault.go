package mockserver

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/steps/words"
)

// The faults that there are.
const (
	faultLatency   = "latency"
	faultLimit     = "429"
	faultBroken    = "500"
	faultDrop      = "drop"
	faultHalf      = "half"
	faultHTML      = "html"
	faultExpired   = "expired"
	faultExtra     = "extra"
	faultReordered = "reordered"
	faultMissing   = "missing"
)

// faultNames are the faults in the order in which errors list them.
var faultNames = []string{
	faultLatency, faultLimit, faultBroken, faultDrop, faultHalf, faultHTML, faultExpired,
	faultExtra, faultReordered, faultMissing,
}

// endings are the faults of which one alone befalls a request: the first that
// is drawn, in the order of the SPEC. The others add up.
var endings = []string{faultLimit, faultBroken, faultDrop, faultHalf, faultHTML, faultExpired}

// Faults are what goes wrong on purpose with the calls of a flow: authorize,
// policy start and capability. Everything else is left alone, and so is an
// answer that says that the recording has none. The zero value has no fault.
//
// Whether a fault befalls a request depends on the seed, the scenario, the flow,
// the number of the sign-on within both and the number of the hop within the
// sign-on, and on nothing else: neither on time nor on what runs beside it.
type Faults struct {
	// Seed is what every draw begins with. [NewSeed] makes one. Optional.
	Seed uint64

	// Scenario is a part of every draw, so that each scenario of a run has its
	// own. Empty is a scenario like any other. Optional.
	Scenario string

	// Note is told of every fault that befalls a request, by several goroutines
	// at once. Nil means nobody. Optional.
	Note func(flow string, hop int, fault string)

	list []fault
}

// A fault is one part of a SPEC.
type fault struct {
	name   string
	value  string  // as it was written, "" without one
	odds   float64 // how probable it is, from 0 to 1
	pause  time.Duration
	spread time.Duration // of a latency, to both sides
}

// label is the fault as notes call it and as it is drawn by: with its value and
// without its probability, so that another probability keeps what was drawn.
func (f *fault) label() string {
	if f.value == "" {
		return f.name
	}
	return f.name + "=" + f.value
}

// ParseFaults reads a SPEC: parts NAME[=VALUE][@PROBABILITY] with commas between
// them. A colon may stand for the @, which a tag cannot hold. Without a
// probability it is 1.
//
//	latency=20ms   or latency=20ms~5ms: the answer takes its time, give or take
//	429            or 429=2s: come back later (Retry-After); once at a hop
//	500            the service breaks
//	drop           the connection is dropped before an answer
//	half           the connection is dropped in the middle of the answer
//	html           a page instead of JSON
//	expired        the interaction is gone from now on: code 1999
//	extra          a property and a field of a form that nobody knows
//	               (extra=property or extra=field: one of the two)
//	reordered      the properties and the fields of a form in another order
//	missing        a field of a form is not there, or missing=KEY: this one
//
// The error joins a line for each mistake, and lists what there is.
func ParseFaults(spec string) (Faults, error) {
	var out Faults
	var mistakes []error
	for part := range strings.SplitSeq(spec, ",") {
		f, err := parseFault(strings.TrimSpace(part))
		if err == nil && slices.ContainsFunc(out.list, func(o fault) bool { return o.label() == f.label() }) {
			err = fmt.Errorf("fault %q is given twice", f.label())
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		out.list = append(out.list, f)
	}
	if err := errors.Join(mistakes...); err != nil {
		return Faults{}, err
	}
	return out, nil
}

// None reports whether there is no fault.
func (f Faults) None() bool { return len(f.list) == 0 }

// String writes the faults as the SPEC that makes them.
func (f Faults) String() string {
	parts := make([]string, 0, len(f.list))
	for i := range f.list {
		part := f.list[i].label()
		if odds := f.list[i].odds; odds != 1 {
			part += "@" + strconv.FormatFloat(odds, 'g', -1, 64)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// Wrap returns a handler that answers as next does and lets the faults befall
// its answers. What next knows of a sign-on stays true: an answer is spoilt after
// next gave it, and a request that is told to come back later, or whose
// interaction is gone, never gets to next. Without faults it returns next.
func (f Faults) Wrap(next http.Handler) http.Handler {
	if f.None() {
		return next
	}
	return newFaulty(f, next)
}

// NewSeed returns a random seed that a person can type.
func NewSeed() uint64 {
	const most = 1_000_000
	n, err := rand.Int(rand.Reader, big.NewInt(most))
	if err != nil {
		return 1 // crypto/rand never returns an error, it ends the program
	}
	return n.Uint64() + 1 // 0 is the seed of who has none
}

// parseFault reads one part of a SPEC.
func parseFault(part string) (fault, error) {
	f := fault{odds: 1}
	text := part
	if i := strings.LastIndexAny(part, "@:"); i >= 0 {
		odds, err := strconv.ParseFloat(part[i+1:], 64)
		if err != nil || !(odds >= 0 && odds <= 1) { // NaN is neither
			return f, fmt.Errorf("fault %q has the probability %q, want a number from 0 to 1", part[:i], part[i+1:])
		}
		text, f.odds = part[:i], odds
	}
	name, value, valued := strings.Cut(text, "=")
	f.name, f.value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !slices.Contains(faultNames, f.name) {
		return f, unknownFault(f.name)
	}
	if strings.ContainsAny(f.value, "@:") {
		return f, fmt.Errorf("fault %q has two probabilities, want one", part)
	}
	if valued && f.value == "" {
		return f, fmt.Errorf("fault %q has an empty value: leave the = out, or write a value behind it", f.name)
	}
	return f, f.readValue()
}

// readValue reads what stands behind the =, if anything does.
func (f *fault) readValue() error {
	switch f.name {
	case faultLatency:
		return f.readLatency()
	case faultLimit:
		pause, err := time.ParseDuration(cmp.Or(f.value, "1s"))
		if err != nil || pause < 0 || pause%time.Second != 0 {
			return fmt.Errorf("fault %q has the value %q, want whole seconds, as in 429=2s", f.name, f.value)
		}
		f.pause = pause
	case faultExtra:
		if !slices.Contains([]string{"", "property", "field"}, f.value) {
			return fmt.Errorf("fault %q has the value %q, want property, field or none for both", f.name, f.value)
		}
	case faultMissing: // the key of a field, or any
	default:
		if f.value != "" {
			return fmt.Errorf("fault %q takes no value, found %q", f.name, f.value)
		}
	}
	return nil
}

func (f *fault) readLatency() error {
	mean, spread, spreads := strings.Cut(f.value, "~")
	var err, wide error
	f.pause, err = time.ParseDuration(mean)
	if spreads {
		f.spread, wide = time.ParseDuration(spread)
	}
	if err != nil || wide != nil || f.spread < 0 || f.spread > f.pause {
		return fmt.Errorf("fault %q has the value %q, want a time and at most as much to give or take, "+
			"as in latency=20ms or latency=20ms~5ms", f.name, f.value)
	}
	if most := time.Hour; f.pause > most {
		return fmt.Errorf("fault %q has the value %q, want at most %s", f.name, f.value, most)
	}
	return nil
}

// unknownFault lists the faults that there are, and asks for the nearest.
func unknownFault(name string) error {
	text := fmt.Sprintf("fault %q is unknown, want %s", name, words.Or(faultNames))
	if hint := words.DidYouMean(name, faultNames); hint != "" {
		text += "; " + hint
	}
	return errors.New(text)
}
