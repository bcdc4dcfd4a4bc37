package output

import (
	"bufio"
	"io"
	"os"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/output/page"
	"flowtest/runner/report"
)

// A document is a file of a report whose head describes the whole run. Its
// body is written as scenarios finish; when all are known it is assembled.
type document interface {
	// Scenario adds a scenario to the body. The tally knows it already.
	Scenario(s *report.Scenario)

	// Assemble writes the file. The body is at its beginning. An error of out is
	// that of its Flush.
	Assemble(out *bufio.Writer, body io.Reader) error
}

// An openDocument is a document that is being written.
type openDocument struct {
	document
	name string
	body *os.File
	buf  *bufio.Writer
}

// documents writes all files of a report but the stream, in one pass.
// What it keeps in memory grows with files, flows, tags and requirements, not
// with scenarios.
type documents struct {
	root    root
	tally   *digest.Tally
	summary *summary
	list    []*openDocument

	coverage Coverage // nil if the run asks for none
}

func newDocuments(root root) (*documents, error) {
	d := &documents{root: root, tally: digest.NewTally()}
	d.summary = &summary{tally: d.tally}
	for _, of := range []struct {
		name string
		make func(*bufio.Writer, *digest.Tally) document
	}{{JUnitFile, newJUnit}, {JSONFile, newJSONFile}, {HTMLFile, newPage}} {
		body, err := newBody(root, of.name)
		if err != nil {
			d.drop()
			return nil, err
		}
		buf := bufio.NewWriterSize(body, 64<<10)
		d.list = append(d.list, &openDocument{of.make(buf, d.tally), of.name, body, buf})
	}
	return d, nil
}

func newPage(w *bufio.Writer, t *digest.Tally) document { return page.New(w, t) }

// newBody opens a file beside the one that is to be. If the system lets a file lose its name
// while it is open, nothing is left of it, whatever happens.
func newBody(root root, name string) (*os.File, error) {
	file, err := openNew(root, bodyName(name))
	if err == nil {
		_ = root.Remove(bodyName(name))
	}
	return file, err
}

func bodyName(name string) string { return name + ".body" }

// Begin implements [Reporter].
func (d *documents) Begin(p report.Plan) { d.tally.Begin(p) }

// Scenario implements [Reporter].
func (d *documents) Scenario(s *report.Scenario) {
	d.tally.Scenario(s)
	d.summary.Scenario(s)
	for _, doc := range d.list {
		doc.Scenario(s)
	}
}

// End implements [Reporter].
func (d *documents) End(run *report.Run) {
	known := *run
	known.Plan = d.tally.Plan
	d.tally.End(&known)
}

// keep writes the files, each beside its place, and then gives them their names.
func (d *documents) keep() (err error) {
	files := make([]*replacement, 0, len(d.list)+1)
	defer func() {
		for _, a := range files {
			a.drop()
		}
	}()
	write := func(name string, to func(*bufio.Writer) error) {
		if err != nil {
			return
		}
		var a *replacement
		if a, err = newReplacement(d.root, name); err == nil {
			files = append(files, a)
			err = to(a.Writer)
		}
	}
	if d.coverage != nil {
		d.summary.coverage = d.coverage
		for _, doc := range d.list {
			if p, ok := doc.document.(*page.Writer); ok {
				p.Coverage = d.coverage.HTML
			}
		}
		write(CoverageFile, func(out *bufio.Writer) error { return d.coverage.JSON(out) })
	}
	for _, doc := range d.list {
		write(doc.name, doc.assemble)
	}
	write(SummaryFile, func(out *bufio.Writer) error {
		_, err := out.WriteString(d.summary.text())
		return err
	})
	for _, a := range files {
		if err == nil {
			err = a.keep()
		}
	}
	return err
}

func (d *openDocument) assemble(out *bufio.Writer) error {
	if err := d.buf.Flush(); err != nil {
		return err
	}
	if _, err := d.body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return d.Assemble(out, d.body)
}

// drop removes the bodies.
func (d *documents) drop() {
	for _, doc := range d.list {
		_ = doc.body.Close()
		_ = d.root.Remove(bodyName(doc.name))
	}
}

// A replacement is a file that is written beside its place and then renamed, so that
// no reader ever finds half of it.
type replacement struct {
	*bufio.Writer

	root root
	file *os.File
	name string
}

func newReplacement(root root, name string) (*replacement, error) {
	file, err := openNew(root, partName(name))
	if err != nil {
		return nil, err
	}
	return &replacement{bufio.NewWriterSize(file, 64<<10), root, file, name}, nil
}

func partName(name string) string { return name + ".part" }

// keep gives the file its name.
func (a *replacement) keep() error {
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
func (a *replacement) drop() {
	if a.file != nil {
		_ = a.file.Close()
		_ = a.root.Remove(partName(a.name))
		a.file = nil
	}
}
