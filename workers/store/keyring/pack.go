package keyring

import (
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// packer compresses with one shared encoder and decoder, both safe for concurrent use.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// maxPlain bounds what a sealed value may unpack to.
const maxPlain = 1 << 30

func newPacker() (packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(1<<18), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return packer{}, fmt.Errorf("making compressor: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPlain), zstd.WithDecoderLowmem(true))
	if err != nil {
		return packer{}, fmt.Errorf("making decompressor: %w", err)
	}
	return packer{enc, dec}, nil
}

func (p packer) pack(plain []byte) []byte {
	return p.enc.EncodeAll(plain, make([]byte, 0, len(plain)/2+64))
}

func (p packer) unpack(packed []byte) ([]byte, error) {
	plain, err := p.dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: decompressing", ErrSealed)
	}
	return plain, nil
}
