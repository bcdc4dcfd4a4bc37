// Package fault decides which faults apply to which requests of a flow, and
// applies them to the answers of a handler. It knows nothing of recordings.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/steps/words"
)

// The names of the faults.
const (
	latency   = "latency"
	limited   = "429"
	broken    = "500"
	dropped   = "drop"
	halved    = "half"
	htmlPage  = "html"
	expired   = "expired"
	extra     = "extra"
	reordered = "reordered"
	missing   = "missing"
)

// names are the faults in the order in which errors list them.
var names = []string{
	latency, limited, broken, dropped, halved, htmlPage, expired,
	extra, reordered, missing,
}

// endings are the faults of which at most one applies to a request: the first that
// is drawn, in the order of the SPEC. The others add up.
var endings = []string{limited, broken, dropped, halved, htmlPage, expired}

// A Rule is one part of a SPEC.
type Rule struct {
	name   string
	value  string  // as it was written, "" without one
	odds   float64 // how probable it is, from 0 to 1
	pause  time.Duration
	spread time.Duration // of a latency, to both sides
}

// label names the fault in notes and in draws: with its value and without its
// probability, so that another probability keeps the draws.
func (f *Rule) label() string {
	if f.value == "" {
		return f.name
	}
	return f.name + "=" + f.value
}

// Parse reads a SPEC: parts NAME[=VALUE][@PROBABILITY] with commas between them.
// A colon may replace the @, which a tag cannot hold. Without a probability it is
// 1. The error joins a line for each mistake, and lists the faults that exist.
func Parse(spec string) ([]Rule, error) {
	var out []Rule
	var mistakes []error
	for part := range strings.SplitSeq(spec, ",") {
		f, err := parseRule(strings.TrimSpace(part))
		if err == nil && slices.ContainsFunc(out, func(o Rule) bool { return o.label() == f.label() }) {
			err = fmt.Errorf("fault %q is given twice", f.label())
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		out = append(out, f)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return out, nil
}

// Spec writes rules as the SPEC that [Parse] reads.
func Spec(rules []Rule) string {
	parts := make([]string, 0, len(rules))
	for i := range rules {
		part := rules[i].label()
		if odds := rules[i].odds; odds != 1 {
			part += "@" + strconv.FormatFloat(odds, 'g', -1, 64)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// parseRule reads one part of a SPEC.
func parseRule(part string) (Rule, error) {
	f := Rule{odds: 1}
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
	if !slices.Contains(names, f.name) {
		return f, unknownFault(f.name)
	}
	if strings.ContainsAny(f.value, "@:") {
		return f, fmt.Errorf("fault %q has two probabilities, want one", part)
	}
	if valued && f.value == "" {
		return f, fmt.Errorf("fault %q has an empty value: leave the = out, or write a value after it", f.name)
	}
	return f, f.readValue()
}

// readValue reads the value after the =, if there is one.
func (f *Rule) readValue() error {
	switch f.name {
	case latency:
		return f.readLatency()
	case limited:
		pause, err := time.ParseDuration(cmp.Or(f.value, "1s"))
		if err != nil || pause < 0 || pause%time.Second != 0 {
			return fmt.Errorf("fault %q has the value %q, want whole seconds, as in 429=2s", f.name, f.value)
		}
		f.pause = pause
	case extra:
		if !slices.Contains([]string{"", "property", "field"}, f.value) {
			return fmt.Errorf("fault %q has the value %q, want property, field or none for both", f.name, f.value)
		}
	case missing: // the key of a field, or any
	default:
		if f.value != "" {
			return fmt.Errorf("fault %q takes no value, found %q", f.name, f.value)
		}
	}
	return nil
}

func (f *Rule) readLatency() error {
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
	return fmt.Errorf("fault %q is unknown, want %s%s", name, words.Or(names), words.DidYouMean("; ", name, names))
}
