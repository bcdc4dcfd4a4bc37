package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
)

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
		err = replaceFile(p.path(out), write)
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
func exported(flows []*recordings.Flow) ([]recordings.Take, har.Legend, error) {
	people, err := madeUp(flows)
	if err != nil {
		return nil, har.Legend{}, err
	}
	legend := har.Legend{Users: people, Flows: map[string]string{}}
	var all []recordings.Take
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
func inARow(takes []recordings.Take, now time.Time) {
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

// replaceFile writes a file beside the one that is there and lets it take its place,
// so that whatever goes wrong the old one is whole. A pipe or device is written to.
func replaceFile(name string, fill func(io.Writer) error) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder, want a file", name)
	case err == nil && !info.Mode().IsRegular():
		to, err := os.OpenFile(name, os.O_WRONLY, 0) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		return errors.Join(fill(to), to.Close())
	}
	dir := filepath.Dir(name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: folder %s does not exist", name, dir)
	}
	to, err := os.CreateTemp(dir, ".flowtest-*")
	if err != nil {
		return err
	}
	err = errors.Join(fill(to), to.Chmod(readable), to.Close())
	if err == nil {
		err = os.Rename(to.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to.Name()))
	}
	return nil
}

// readable is the mode of a file that others may read: it holds no secret.
const readable = 0o644
