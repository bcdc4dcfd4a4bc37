package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/target"
	"flowtest/steps/davinci"
)

func (p *Process) importCommand() *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "import FILE.har",
		Short: "Make recordings of what a browser saved",
		Long: `Import reads a HAR 1.2 file, as the developer tools of browsers and Playwright save
it, and writes recordings of the flows in it. Requests that are of no flow are
left out and counted. Secrets are taken out as record does; the users of the
target are known by name. Sign on twice in the same way, so that what is minted
anew each time can be told from what is constant, and save the file with
sensitive data, for without it the session's cookies are not in it.`,
		Example: `  flowtest import sign-on.har --flow sign-on
  flowtest import sign-on.har --target staging --out recordings`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("import: want one HAR file, as in flowtest import sign-on.har; found %d",
					len(args)), "")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.importHAR(&f, args[0]) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, where there is one)")
	c.Flags().StringVar(&f.target, "target", "", "the target whose users and flows are in the file")
	c.Flags().StringVar(&f.out, "out", "", "the folder of recordings to write to (default that of flowtest.yaml)")
	c.Flags().StringVar(&f.flow, "flow", "", "the flow's name, where the target does not tell it")
	c.Flags().BoolVar(&f.fresh, "fresh", false, "begin each recording anew instead of adding to it")
	return c
}

func (p *Process) importHAR(f *recordFlags, file string) (err error) {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.target(f.target)
	if err != nil {
		return err
	}
	r, err := p.recorder(w, t, f.out, f.fresh)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	archive, err := p.readHAR(file)
	if err != nil {
		return err
	}
	r.Target = knownTo(t, &archive.Legend)
	takes, err := p.named(r, archive.Groups, f.flow, archive.Legend.Flows)
	if err != nil {
		return err
	}
	if !cookies(archive.Takes) {
		p.say("warning: " + file + " has no cookies, so none are in the recordings: " +
			"browsers leave them out of a file that is not saved with sensitive data")
	}
	return p.saveAll(r, takes, saving{madeUp: len(archive.Legend.Users) > 0})
}

func (p *Process) readHAR(file string) (archive *har.Archive, err error) {
	h, err := os.Open(p.path(file))
	if err != nil {
		return nil, usage(err, "")
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if archive, err = har.Read(h); err != nil {
		return nil, usage(fmt.Errorf("%s: %w", file, err), "")
	}
	return archive, nil
}

// cookies reports whether any answer sets one.
func cookies(takes []davinci.Exchanges) bool {
	return slices.ContainsFunc(takes, func(t davinci.Exchanges) bool {
		return slices.ContainsFunc(t, func(x davinci.Exchange) bool {
			return x.ResponseHeader.Get("Set-Cookie") != ""
		})
	})
}

func (p *Process) exportCommand() *cobra.Command {
	var config, out string
	var asHAR bool
	c := &cobra.Command{
		Use:   "export --har [FLOW…]",
		Short: "Write recordings as a HAR file",
		Long: `Export writes recordings as HAR 1.2, so that other tools can read them: every hop
in each of its shapes, with stand-ins in the place of what is minted or secret. Two
made-up people go every way, and the file names them below log._flowtest: so import
makes recordings of it again that tell a right password from a wrong one.`,
		Example: `  flowtest export --har --out sign-on.har sign-on
  flowtest import sign-on.har --out copy`,
		RunE: func(_ *cobra.Command, args []string) error {
			if !asHAR {
				return usage(errors.New("export writes HAR alone: say --har"), "")
			}
			return p.exportHAR(config, out, args)
		},
	}
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, where there is one)")
	c.Flags().StringVar(&out, "out", "-", "the file to write; - is the standard output")
	c.Flags().BoolVar(&asHAR, "har", false, "write HAR 1.2")
	return c
}

func (p *Process) exportHAR(config, out string, names []string) (err error) {
	w, err := p.open(config)
	if err != nil {
		return err
	}
	flows, err := w.recordings("")
	if err != nil {
		return err
	}
	if flows, err = chosenFlows(flows, names); err != nil {
		return err
	}
	takes, legend, err := exported(flows)
	if err != nil {
		return usage(fmt.Errorf("export: %w", err), "")
	}
	write := func(to io.Writer) error { return har.Write(to, takes, version(), legend) }
	if out == "-" {
		err = write(p.Stdout)
	} else {
		err = safefile.Replace(p.path(out), write)
	}
	if err != nil {
		return usage(fmt.Errorf("export: %w", err), "")
	}
	return nil
}

// chosenFlows returns the flows that are named, or all where none is.
func chosenFlows(flows []*recordings.Flow, names []string) ([]*recordings.Flow, error) {
	var have []string
	var chosen []*recordings.Flow
	for _, f := range flows {
		have = append(have, f.Name)
		if len(names) == 0 || slices.Contains(names, f.Name) {
			chosen = append(chosen, f)
		}
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, usage(fmt.Errorf("there is no recording of the flow %q, there are recordings of %s", name,
				strings.Join(have, ", ")), "")
		}
	}
	return chosen, nil
}

// exported lets two made-up people walk recordings in both shapes, one journey after
// the other, and says what an import has to know of them.
func exported(flows []*recordings.Flow) ([]davinci.Exchanges, har.Legend, error) {
	people, err := madeUp(flows)
	if err != nil {
		return nil, har.Legend{}, err
	}
	legend := har.Legend{Users: people, Flows: map[string]string{}}
	var all []davinci.Exchanges
	for _, f := range flows {
		if f.Policy != "" {
			legend.Flows[f.Policy] = f.Name
		}
		from := len(all)
		for i, name := range slices.Sorted(maps.Keys(people)) {
			for _, detailed := range []bool{false, true} {
				walk := recordings.Walk{Detailed: detailed, User: people[name], First: len(all) - from}
				if i > 0 {
					walk.Any = anyValue
				}
				takes, _ := recordings.Takes(f, walk)
				all = append(all, takes...)
			}
		}
	}
	inARow(all, time.Now())
	return all, legend, nil
}

// inARow lets every journey begin after the one before has ended, and those of a
// recording that nobody recorded begin now: that is when the made-up people walk.
func inARow(takes []davinci.Exchanges, now time.Time) {
	var free time.Time
	for _, take := range takes {
		began := take[0].Began
		if began.Unix() == 0 {
			began = now.UTC().Truncate(time.Second)
		}
		if free.After(began) {
			began = free
		}
		later := began.Sub(take[0].Began)
		for i := range take {
			take[i].Began = take[i].Began.Add(later)
		}
		free = take[len(take)-1].Began.Add(time.Second)
	}
}

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
