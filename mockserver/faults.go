package mockserver

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"flowtest/mockserver/internal/fault"
)

// Faults are the faults that a replay injects into the calls of a flow: authorize,
// policy start and capability. They change no other requests, and no answers to
// unmatched requests. The zero value has no faults.
//
// Whether a fault applies to a request depends on the seed, the scenario, the flow, the
// number of the sign-on within both and the number of the hop within the sign-on, and
// on nothing else: not on time, and not on other scenarios.
type Faults struct {
	// Seed is the seed of the random choices. [NewSeed] makes one. Optional.
	Seed uint64

	// Scenario is the name of a scenario, so that each scenario of a run gets other
	// random choices. Optional.
	Scenario string

	// Note is called for every fault that is applied to a request, possibly by several
	// goroutines at once. Optional.
	Note func(flow string, hop int, fault string)

	rules []fault.Rule
}

// ParseFaults reads a SPEC: parts NAME[=VALUE][@PROBABILITY] with commas between
// them. A colon may replace the @, which a tag cannot hold. Without a probability
// it is 1.
//
//	latency=20ms   or latency=20ms~5ms: the answer takes that long, give or take
//	429            or 429=2s: come back later (Retry-After); once at a hop
//	500            the service breaks
//	drop           the connection is dropped before an answer
//	half           the connection is dropped in the middle of the answer
//	html           a page instead of JSON
//	expired        the interaction is gone from now on: code 1999
//	extra          a property and a field of a form that no client knows
//	               (extra=property or extra=field: one of the two)
//	reordered      the properties and the fields of a form in another order
//	missing        a field of a form is missing, or missing=KEY: this one
//
// The error joins a line for each mistake, and lists the faults that exist.
func ParseFaults(spec string) (Faults, error) {
	rules, err := fault.Parse(spec)
	return Faults{rules: rules}, err
}

// None reports whether there is no fault.
func (f Faults) None() bool { return len(f.rules) == 0 }

// String returns the SPEC of the faults.
func (f Faults) String() string { return fault.Spec(f.rules) }

// Wrap returns a handler that answers as next does and applies the faults to its answers. The
// state of next stays consistent: a fault changes an answer of next, and a request that is rate
// limited, or whose interaction has expired, never reaches next. Without faults it returns next.
func (f Faults) Wrap(next http.Handler) http.Handler {
	if f.None() {
		return next
	}
	return fault.New(fault.Handler{
		Next: next, Rules: f.rules, Seed: f.Seed, Scenario: f.Scenario, Note: f.Note, Spare: UnmatchedHeader,
	})
}

// Transport returns a transport that answers with next as [Server.Transport]
// does, and applies the faults to its answers: a dropped connection is an error.
func (f Faults) Transport(next http.Handler) http.RoundTripper {
	return newTransport(responder(f.Wrap(next)))
}

// NewSeed returns a random seed that a person can type.
func NewSeed() uint64 {
	const most = 1_000_000
	n, err := rand.Int(rand.Reader, big.NewInt(most))
	if err != nil {
		return 1 // crypto/rand never returns an error, it ends the program
	}
	return n.Uint64() + 1 // 0 means no seed
}

// faultTag begins a tag that names the faults of a scenario. In a tag a colon
// comes before a probability, since Gherkin begins a new tag at each @.
const faultTag = "@fault:"

// TaggedFaults reads the faults in a scenario's tags, and returns these tags. It is not an error
// if there are none. The error names all mistakes in one line.
func TaggedFaults(tags []string) (faults Faults, used []string, err error) {
	var specs []string
	for i, tag := range tags {
		spec, ok := strings.CutPrefix(tag, faultTag)
		if !ok {
			continue
		}
		if i+1 < len(tags) && isProbability(tags[i+1]) {
			return faults, nil, fmt.Errorf("the tag %s is cut off before %s: in a tag a colon comes before "+
				"the probability, as in %s500:0.1", tag, tags[i+1], faultTag)
		}
		specs, used = append(specs, spec), append(used, tag)
	}
	if len(specs) == 0 {
		return faults, nil, nil
	}
	if faults, err = ParseFaults(strings.Join(specs, ",")); err != nil {
		err = fmt.Errorf("the tag %s: %s", strings.Join(used, " "), strings.ReplaceAll(err.Error(), "\n", ", and "))
	}
	return faults, used, err
}

// isProbability reports whether a tag is what Gherkin made of an @ and a probability.
func isProbability(tag string) bool {
	number, _, _ := strings.Cut(strings.TrimPrefix(tag, "@"), ",")
	odds, err := strconv.ParseFloat(number, 64)
	return err == nil && odds >= 0 && odds <= 1
}

// Injected collects the faults that were injected into one scenario. It may be used
// by several goroutines at once.
type Injected struct {
	// Seed is the seed of the random choices. Required.
	Seed uint64

	mu     sync.Mutex
	faults []injected // in the order in which they were first applied
}

// An injected fault and the hops that it was applied to.
type injected struct {
	name string
	hops []string
}

// Note adds a fault: it is the Note of [Faults].
func (b *Injected) Note(_ string, hop int, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.faults, func(f injected) bool { return f.name == name })
	if i < 0 {
		i, b.faults = len(b.faults), append(b.faults, injected{name: name})
	}
	b.faults[i].hops = append(b.faults[i].hops, strconv.Itoa(hop))
}

// Changed reports whether a fault changed or suppressed an answer, as every fault
// except latency does.
func (b *Injected) Changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.faults, func(f injected) bool { return !strings.HasPrefix(f.name, "latency") })
}

// At returns the faults that were applied to a hop, in their order.
func (b *Injected) At(hop int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, f := range b.faults {
		if slices.Contains(f.hops, strconv.Itoa(hop)) {
			list = append(list, f.name)
		}
	}
	return list
}

// String names the faults, the hops and the seed. It is empty if there were none.
func (b *Injected) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) == 0 {
		return ""
	}
	var list []string
	for _, f := range b.faults {
		const many = 5
		text := "fault " + f.name + " at hop"
		switch n := len(f.hops); {
		case n > many:
			text += "s …, "
		case n > 1:
			text += "s "
		default:
			text += " "
		}
		list = append(list, text+strings.Join(f.hops[max(0, len(f.hops)-many):], ", "))
	}
	return fmt.Sprintf("%s (seed %d)", strings.Join(list, ", "), b.Seed)
}
