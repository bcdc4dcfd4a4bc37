package output

import (
	"bufio"
	"errors"
	"io"
	"os"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/output/page"
	"flowtest/runner/report"
)

// A derived is a file of a report that tells of the whole run at its head. Its
// body is written as scenarios finish; when all are known it is assembled.
type derived interface {
	// Scenario adds a scenario to the body. The tally knows it already.
	Scenario(s *report.Scenario)

	// Assemble writes the file. The body is at its beginning.
	Assemble(out io.Writer, body io.Reader) error

	Err() error
}

// A draft is a derived file that is being written.
type draft struct {
	derived
	name string
	body *os.File
	buf  *bufio.Writer
}

// drafts writes every file that is derived from a run, at once and in one pass.
// What it keeps in memory grows with files, flows, tags and requirements, not
// with scenarios.
type drafts struct {
	root    *os.Root
	tally   *digest.Tally
	summary *summary
	list    []*draft
}

func newDrafts(root *os.Root) (*drafts, error) {
	d := &drafts{root: root, tally: digest.NewTally()}
	d.summary = &summary{tally: d.tally}
	for _, of := range []struct {
		name string
		make func(io.Writer, *digest.Tally) derived
	}{{JUnitFile, newJUnit}, {JSONFile, newJSONFile}, {HTMLFile, newPage}} {
		body, err := newBody(root, of.name)
		if err != nil {
			d.drop()
			return nil, err
		}
		buf := bufio.NewWriterSize(body, 64<<10)
		d.list = append(d.list, &draft{of.make(buf, d.tally), of.name, body, buf})
	}
	return d, nil
}

func newPage(w io.Writer, t *digest.Tally) derived { return page.New(w, t) }

// newBody opens a file beside the one that is to be. Where the system lets a
// file lose its name while it is open, nothing is left of it, whatever happens.
func newBody(root *os.Root, name string) (*os.File, error) {
	file, err := openNew(root, bodyName(name))
	if err == nil {
		_ = root.Remove(bodyName(name))
	}
	return file, err
}

func bodyName(name string) string { return name + ".body" }

// Begin implements [Reporter].
func (d *drafts) Begin(p report.Plan) { d.tally.Begin(p) }

// Scenario implements [Reporter].
func (d *drafts) Scenario(s *report.Scenario) {
	d.tally.Scenario(s)
	d.summary.Scenario(s)
	for _, doc := range d.list {
		doc.Scenario(s)
	}
}

// End implements [Reporter].
func (d *drafts) End(run *report.Run) {
	known := *run
	known.Plan = d.tally.Plan
	d.tally.End(&known)
}

// keep writes the files, each aside, and gives them their names.
func (d *drafts) keep() (err error) {
	asides := make([]*aside, 0, len(d.list)+1)
	defer func() {
		for _, a := range asides {
			a.drop()
		}
	}()
	write := func(name string, to func(io.Writer) error) {
		if err != nil {
			return
		}
		var a *aside
		if a, err = newAside(d.root, name); err == nil {
			asides = append(asides, a)
			err = to(a)
		}
	}
	for _, doc := range d.list {
		write(doc.name, doc.assemble)
	}
	write(SummaryFile, d.summary.write)
	for _, a := range asides {
		if err == nil {
			err = a.keep()
		}
	}
	return err
}

func (d *draft) assemble(out io.Writer) error {
	if err := errors.Join(d.Err(), d.buf.Flush()); err != nil {
		return err
	}
	if _, err := d.body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return d.Assemble(out, d.body)
}

// drop removes what was kept aside.
func (d *drafts) drop() {
	for _, doc := range d.list {
		_ = doc.body.Close()
		_ = d.root.Remove(bodyName(doc.name))
	}
}

// An aside is a file that is written beside its place and then renamed, so that
// its name never stands for half of it.
type aside struct {
	*bufio.Writer

	root *os.Root
	file *os.File
	name string
}

func newAside(root *os.Root, name string) (*aside, error) {
	file, err := openNew(root, partName(name))
	if err != nil {
		return nil, err
	}
	return &aside{bufio.NewWriterSize(file, 64<<10), root, file, name}, nil
}

func partName(name string) string { return name + ".part" }

// keep gives the file its name.
func (a *aside) keep() error {
	err := a.Flush()
	if closed := a.file.Close(); err == nil {
		err = closed
	}
	a.file = nil
	if err == nil {
		err = a.root.Rename(partName(a.name), a.name)
	}
	if err != nil {
		_ = a.root.Remove(partName(a.name))
	}
	return err
}

// drop removes what was not kept.
func (a *aside) drop() {
	if a.file != nil {
		_ = a.file.Close()
		_ = a.root.Remove(partName(a.name))
		a.file = nil
	}
}
