package cli

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
	"flowtest/runner/target"
)

// anyValue stands in front of what the second person types where any value does, and
// of the attributes of that person.
const anyValue = "stand-in "

// attributeOf finds the attributes of a user that a recording speaks of, in what is
// posted, ${user.password} and ${user.wrongPassword}, and in bodies, {{user.email}}.
var attributeOf = regexp.MustCompile(`(?:\$\{|\{\{)user\.([A-Za-z][A-Za-z0-9_.\-]*)\}`)

// madeUp returns two people with a value for every attribute that recordings speak
// of, by their names. No two of the values are the same, and none is of anybody: an
// import that is told of them tells right from wrong, and writes none of them.
//
// There are two so that what is minted shows, and so that a field which takes any
// value is seen with a right and with a wrong one: the values of the second are
// such as fill in such fields, with anyValue in front.
func madeUp(flows []*recordings.Flow) (map[string]map[string]string, error) {
	names := map[string]bool{"phone": true} // fields for one are filled in with it
	for _, f := range flows {
		files, err := recordings.Files(f)
		if err != nil {
			return nil, err
		}
		for _, m := range attributeOf.FindAllSubmatch(bytes.Join(slices.Collect(maps.Values(files)), nil), -1) {
			names[rightOf(string(m[1]))] = true
		}
	}
	first, second := map[string]string{}, map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(names)) {
		first[name], second[name] = madeUpValue(name, 2*i), anyValue+name
		if reservedForm(name) {
			second[name] = madeUpValue(name, 2*i+1)
		}
	}
	return map[string]map[string]string{"stand-in-1": first, "stand-in-2": second}, nil
}

// rightOf returns the attribute of which wrongNAME is another value.
func rightOf(name string) string {
	other, ok := strings.CutPrefix(name, "wrong")
	if !ok || other == "" || other[0] < 'A' || other[0] > 'Z' {
		return name
	}
	return strings.ToLower(other[:1]) + other[1:]
}

// madeUpValue is a value of the form that an attribute of the name has. The number
// makes it another one than those of other attributes.
func madeUpValue(name string, number int) string {
	const (
		codes  = 730_001 // six digits
		phones = 150     // the North American numbers 555-0100 to 555-0199 are nobody's
	)
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "mail"):
		return fmt.Sprintf("stand-in-%d@flowtest.invalid", number)
	case reservedForm(name):
		return fmt.Sprintf("+15550%d", phones+number%(phones/3))
	case strings.Contains(lower, "otp") || strings.Contains(lower, "code") || lower == "pin":
		return strconv.Itoa(codes + number)
	default:
		return fmt.Sprintf("stand-in-%d-%s", number, name)
	}
}

var addressed = regexp.MustCompile(`(?i)mail|phone|mobile`)

// reservedForm reports whether the values of an attribute have to be of a form that
// is nobody's: addresses and phone numbers.
func reservedForm(name string) bool {
	return addressed.MatchString(name)
}

// knownTo returns the target with the made-up users of a HAR that flowtest wrote, so
// that they are told apart as its own are.
func knownTo(t *target.Target, legend *har.Legend) *target.Target {
	if len(legend.Users) == 0 {
		return t
	}
	with := *t
	with.Users = maps.Clone(t.Users)
	if with.Users == nil {
		with.Users = map[string]target.User{}
	}
	for _, name := range slices.Sorted(maps.Keys(legend.Users)) {
		as := name
		for n := 2; ; n++ {
			if _, taken := with.Users[as]; !taken {
				break
			}
			as = name + "-" + strconv.Itoa(n)
		}
		with.Users[as] = target.NewUser(legend.Users[name])
	}
	return &with
}
