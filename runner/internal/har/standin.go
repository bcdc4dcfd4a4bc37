package har

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// Standins returns the journeys of two made-up people through recordings, in both
// shapes, one journey after the other, and what an import has to know of them. The
// error is about a recording that cannot be written as files.
func Standins(flows []*recordings.Flow) ([]davinci.Exchanges, Legend, error) {
	people, err := madeUp(flows)
	if err != nil {
		return nil, Legend{}, err
	}
	legend := Legend{Users: people, Flows: map[string]string{}}
	var all []davinci.Exchanges
	for _, f := range flows {
		if f.Policy != "" {
			legend.Flows[f.Policy] = f.Name
		}
		from := len(all)
		for i, name := range slices.Sorted(maps.Keys(people)) {
			for _, detailed := range []bool{false, true} {
				o := walk.Options{Detailed: detailed, User: people[name], First: len(all) - from}
				if i > 0 {
					o.Any = anyValue
				}
				journeys, _ := walk.Journeys(f, o)
				all = append(all, journeys...)
			}
		}
	}
	inARow(all, time.Now())
	return all, legend, nil
}

// inARow lets every journey begin after the one before has ended, and those of a
// recording that was not recorded begin now: that is when the made-up people walk.
func inARow(journeys []davinci.Exchanges, now time.Time) {
	var free time.Time
	for _, journey := range journeys {
		began := journey[0].Began
		if began.Unix() == 0 {
			began = now.UTC().Truncate(time.Second)
		}
		if free.After(began) {
			began = free
		}
		later := began.Sub(journey[0].Began)
		for i := range journey {
			journey[i].Began = journey[i].Began.Add(later)
		}
		free = journey[len(journey)-1].Began.Add(time.Second)
	}
}

// anyValue is the prefix of what the second person types where any value is accepted, and of that
// person's attributes.
const anyValue = "stand-in "

// attributeOf finds the attributes of a user in a recording: ${user.password} and
// ${user.wrongPassword} in requests, {{user.email}} in bodies.
var attributeOf = regexp.MustCompile(`(?:\$\{|\{\{)user\.([A-Za-z][A-Za-z0-9_.\-]*)\}`)

// madeUp returns two people, by their names, with a value for every attribute in recordings. No
// two of the values are the same, and none belongs to a real person: an import that has them
// distinguishes right from wrong, and writes none of them.
//
// There are two so that what is generated shows, and so that a field which takes any
// value is seen with a right and with a wrong one: the values of the second are
// such as fill in such fields, with anyValue in front.
func madeUp(flows []*recordings.Flow) (map[string]map[string]string, error) {
	names := map[string]bool{"phone": true} // fields for one are filled in with it
	for _, f := range flows {
		files, err := f.Files()
		if err != nil {
			return nil, err
		}
		for _, m := range attributeOf.FindAllSubmatch(bytes.Join(slices.Collect(maps.Values(files)), nil), -1) {
			name, _ := recordings.Attribute("${user." + string(m[1]) + "}")
			names[name] = true
		}
	}
	first, second := map[string]string{}, map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(names)) {
		first[name], second[name] = madeUpValue(name, 2*i), anyValue+name
		if reserved.MatchString(name) {
			second[name] = madeUpValue(name, 2*i+1)
		}
	}
	return map[string]map[string]string{"stand-in-1": first, "stand-in-2": second}, nil
}

// madeUpValue is a value of the form that an attribute of the name has. The number
// makes it another one than those of other attributes.
func madeUpValue(name string, number int) string {
	const (
		codes  = 730_001 // six digits
		phones = 150     // the North American numbers 555-0100 to 555-0199 are not in use
	)
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "mail"):
		return fmt.Sprintf("stand-in-%d@flowtest.invalid", number)
	case reserved.MatchString(name):
		return fmt.Sprintf("+15550%d", phones+number%(phones/3))
	case strings.Contains(lower, "otp") || strings.Contains(lower, "code") || lower == "pin":
		return strconv.Itoa(codes + number)
	default:
		return fmt.Sprintf("stand-in-%d-%s", number, name)
	}
}

// reserved matches the attributes whose values have to be of a form that belongs to
// no person: addresses and phone numbers.
var reserved = regexp.MustCompile(`(?i)mail|phone|mobile`)
