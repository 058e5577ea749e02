package keyring

import (
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// packer compresses with shared encoders and decoders, all safe for concurrent use.
type packer struct {
	enc   *zstd.Encoder
	short *zstd.Encoder // for what is shorter than shortPlain
	dec   *zstd.Decoder
}

// shortPlain is the length, in bytes, below which the tables of an entropy coder cost more time than
// their savings are worth: repeats are still folded.
const shortPlain = 1 << 10

// maxPlain bounds what a sealed value may unpack to, in bytes: a few sealed kilobytes must not fill the memory.
const maxPlain = 1 << 30

// newPacker chooses the fastest level: what is sealed is written once and mostly read never. A check sum is left out,
// since AES-GCM has one.
func newPacker() (packer, error) {
	options := []zstd.EOption{zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(1 << 18), zstd.WithLowerEncoderMem(true)}
	enc, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return packer{}, fmt.Errorf("making compressor: %w", err)
	}
	short, err := zstd.NewWriter(nil, append(options, zstd.WithNoEntropyCompression(true))...)
	if err != nil {
		return packer{}, fmt.Errorf("making compressor: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPlain), zstd.WithDecoderLowmem(true))
	if err != nil {
		return packer{}, fmt.Errorf("making decompressor: %w", err)
	}
	return packer{enc, short, dec}, nil
}

func (p packer) pack(plain []byte) []byte {
	if len(plain) < shortPlain {
		return p.short.EncodeAll(plain, make([]byte, 0, len(plain)+64))
	}
	return p.enc.EncodeAll(plain, make([]byte, 0, len(plain)/2+64))
}

func (p packer) unpack(packed []byte) ([]byte, error) {
	plain, err := p.dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: decompressing", ErrSealed)
	}
	return plain, nil
}
