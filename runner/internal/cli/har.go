package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
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
func cookies(takes []recordings.Take) bool {
	return slices.ContainsFunc(takes, func(t recordings.Take) bool {
		return slices.ContainsFunc(t, func(x recordings.Exchange) bool {
			return x.ResponseHeader.Get("Set-Cookie") != ""
		})
	})
}
