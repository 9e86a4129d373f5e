"""gRPC without grpcio: over pipes, and in the tunnel of a session. From the bottom up:

    codes           the numbers of HTTP/2 and gRPC
    status          how a call ended, with its details
    hpack, frames   HTTP/2's bytes: header lists, frames
    metadata        the headers of a call
    calls           one call, its messages, the events
    sender          what waits to be written
    stream          a connection; client and server are its roles, all three without I/O
    pipes           the blocking client on two file descriptors

Nothing here loads more than `os` and `select`: it starts in every frontend's container.
"""
