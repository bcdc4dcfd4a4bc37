package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/recordings/har"
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
		Args: cobra.ExactArgs(1),
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
	h, err := os.Open(p.path(file))
	if err != nil {
		return usage(err, "")
	}
	defer func() { err = errors.Join(err, r.Close(), h.Close()) }()
	archive, err := har.Read(h)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", file, err), "")
	}
	takes, err := p.named(r, archive.Groups, f.flow)
	if err != nil {
		return err
	}
	if !cookies(archive.Takes) {
		p.say("warning: " + file + " has no cookies, so none are in the recordings: " +
			"browsers leave them out of a file that is not saved with sensitive data")
	}
	return p.saveAll(r, takes)
}

// cookies reports whether any answer sets one.
func cookies(takes []recordings.Take) bool {
	return slices.ContainsFunc(takes, func(t recordings.Take) bool {
		return slices.ContainsFunc(t, func(x recordings.Exchange) bool {
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
in each of its shapes, with stand-ins in the place of what is minted or secret.`,
		Example: `  flowtest export --har --out sign-on.har sign-on`,
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
	var have []string
	var takes []recordings.Take
	for _, f := range flows {
		have = append(have, f.Name)
		if len(names) > 0 && !slices.Contains(names, f.Name) {
			continue
		}
		for _, detailed := range []bool{false, true} {
			more, _ := recordings.Takes(f, recordings.Walk{Detailed: detailed})
			takes = append(takes, more...)
		}
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return usage(fmt.Errorf("there is no recording of the flow %q, there are recordings of %s", name,
				strings.Join(have, ", ")), "")
		}
	}
	if out == "-" {
		err = writeHAR(p.Stdout, takes)
	} else {
		err = replaceFile(p.path(out), func(to io.Writer) error { return writeHAR(to, takes) })
	}
	if err != nil {
		return usage(fmt.Errorf("export: %w", err), "")
	}
	return nil
}

func writeHAR(to io.Writer, takes []recordings.Take) error {
	b := bufio.NewWriter(to)
	return errors.Join(har.Write(b, takes, version()), b.Flush())
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
