package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/workers/store"
	"frontdesk/workers/store/models"
)

// modelsPromoted: the promoted model is found with its file by who opens the database, and going back finds each one before.
func modelsPromoted(d *desk) {
	present := func(says, want string) models.Promotion {
		p, err := d.Models.Present(d.ctx)
		d.must(err)
		if p.Name != want {
			d.t.Errorf("%s: %q is present, want %q", says, p.Name, want)
		}
		return p
	}
	d.same("of a new installation", models.Promotion{Name: models.Default}, present("at first", models.Default))
	if _, err := d.Models.Rollback(d.ctx, d.now); !errors.Is(err, models.ErrFirst) {
		d.t.Errorf("nothing was promoted, and going back gives %v", err)
	}
	first, second := modelFile(d, "a"), modelFile(d, "b")
	one, err := d.Models.Promote(d.ctx, "one", first, []byte(`{"right":0.9}`), 0, d.now)
	d.must(err)
	if _, err := d.Models.Promote(d.ctx, "two", second, []byte(`{}`), 0, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("who has measured against another model gets %v", err)
	}
	two, err := d.Models.Promote(d.ctx, "two", second, []byte(`{}`), one.N, d.now.Add(time.Hour))
	d.must(err)
	again, err := d.Models.Promote(d.ctx, "two", second, []byte(`{}`), two.N, d.now.Add(2*time.Hour))
	d.must(err)
	d.same("the present one promoted again stays", two.N, again.N)
	m, p, err := d.Models.Load(d.ctx)
	d.must(err)
	if m == nil || m.Header().Name != "b" || p.Sum != models.Sum(second) || !p.At.Equal(d.now.Add(time.Hour)) {
		d.t.Errorf("loaded %+v", p)
	}
	back, err := d.Models.Rollback(d.ctx, d.now.Add(3*time.Hour))
	d.must(err)
	if back.Name != "one" || string(back.Figures) != `{"right":0.9}` || back.N != two.N+1 {
		d.t.Errorf("going back finds %+v", back)
	}
	_, err = d.Models.Rollback(d.ctx, d.now)
	d.must(err)
	present("gone back twice", models.Default)
	if m, _, err := d.Models.Load(d.ctx); m != nil || err != nil {
		d.t.Errorf("the model that comes with the program has a file here: %v, %v", m, err)
	}
	if _, err := d.Models.Rollback(d.ctx, d.now); !errors.Is(err, models.ErrFirst) {
		d.t.Errorf("before the first one there is %v", err)
	}
	modelsForgotten(d, second)
}

// modelsForgotten: files of which only old promotions speak are gone, and that is said.
func modelsForgotten(d *desk, file []byte) {
	p, err := d.Models.Present(d.ctx)
	d.must(err)
	p, err = d.Models.Promote(d.ctx, "old", file, []byte(`{}`), p.N, d.now)
	d.must(err)
	for i := range 10 { // each as far from the old one as its own number
		p, err = d.Models.Promote(d.ctx, "next", modelFile(d, fmt.Sprint("n", i)), []byte(`{}`), p.N, d.now)
		d.must(err)
	}
	d.same("files that are kept", []string{"10"}, d.texts(`SELECT CAST(count(*) AS text) FROM models WHERE sum > ''`))
	gone := 0
	for range 12 {
		if _, err = d.Models.Rollback(d.ctx, d.now); errors.Is(err, models.ErrGone) {
			gone++
		} else {
			d.must(err)
		}
	}
	if gone == 0 {
		d.t.Error("going back to a file that is gone is not refused")
	}
}

// modelFile is a small model as a file.
func modelFile(d *desk, name string) []byte {
	p := learned.Parts{Header: learned.Header{Name: name, Classes: []string{"x", "y"}, Thresholds: []float32{.5, .5}}, Line: learned.Line{Weights: [][]float32{{}, {}}, Bias: []float32{0, 1}}}
	var out bytes.Buffer
	d.must(learned.Write(&out, p))
	if !strings.Contains(out.String(), name) {
		d.t.Error("a file without its name")
	}
	return out.Bytes()
}
