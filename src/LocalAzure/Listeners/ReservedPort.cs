using System.Net;
using System.Net.Sockets;

namespace LocalAzure.Listeners;

/// <summary>
/// A free port for a child process that takes some time to listen on it. On Linux nobody else is given it meanwhile: a socket that is bound and does not listen keeps it from all that ask for any port, and
/// lets in whoever asks for this one. Other systems would keep the child out too, so there it is only free at this moment.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Number = ((IPEndPoint)socket.LocalEndPoint!).Port;
        if (!OperatingSystem.IsLinux()) { socket.Dispose(); }
    }

    public int Number { get; }

    public void Dispose() => socket.Dispose();
}
