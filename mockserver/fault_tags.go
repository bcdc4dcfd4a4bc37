package mockserver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// FaultTag begins a tag that lets faults befall a scenario. In a tag a colon
// stands before a probability, since Gherkin begins a new tag at each @.
const FaultTag = "@fault:"

// TaggedFaults reads the faults that a scenario's tags name, and returns these
// tags: none is not an error. The error says in one line what is wrong with them.
func TaggedFaults(tags []string) (faults Faults, used []string, err error) {
	var specs []string
	for i, tag := range tags {
		spec, ok := strings.CutPrefix(tag, FaultTag)
		if !ok {
			continue
		}
		if i+1 < len(tags) && isProbability(tags[i+1]) {
			return faults, nil, fmt.Errorf("the tag %s is cut off before %s: in a tag a colon stands before "+
				"the probability, as in %s500:0.1", tag, tags[i+1], FaultTag)
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

// Befallen is what befell one scenario. It may be used by several goroutines at
// once. The zero value is ready to use.
type Befallen struct {
	// Seed is what the faults were drawn by. Required.
	Seed uint64

	mu     sync.Mutex
	faults []string            // in the order in which they first befell it
	hops   map[string][]string // their hops
}

// Note takes in a fault, as [Faults].Note wants it.
func (b *Befallen) Note(_ string, hop int, fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hops == nil {
		b.hops = map[string][]string{}
	}
	if b.hops[fault] == nil {
		b.faults = append(b.faults, fault)
	}
	b.hops[fault] = append(b.hops[fault], strconv.Itoa(hop))
}

// Changed reports whether a fault made an answer another than the recorded one,
// or none: whatever did more than keep it waiting.
func (b *Befallen) Changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.faults, func(name string) bool { return !strings.HasPrefix(name, "latency") })
}

// At returns the faults that befell a hop, in their order.
func (b *Befallen) At(hop int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, name := range b.faults {
		if slices.Contains(b.hops[name], strconv.Itoa(hop)) {
			list = append(list, name)
		}
	}
	return list
}

// String says which faults there were, at which hops and by which seed; it is
// empty where there were none.
func (b *Befallen) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, name := range b.faults {
		const many = 5
		hops := b.hops[name]
		text := "fault " + name + " at hop " + hops[0]
		if len(hops) > 1 {
			text = "fault " + name + " at hops "
			if len(hops) > many {
				text += "…, "
			}
			text += strings.Join(hops[max(0, len(hops)-many):], ", ")
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (seed %d)", strings.Join(list, ", "), b.Seed)
}
