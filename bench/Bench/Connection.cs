using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Bench;

/// <summary>One HTTP connection that asks one question over and over: as little work as can be, since it shares the machine with what it measures.</summary>
internal sealed class Connection : IDisposable
{
    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> LengthHeader => "Content-Length: "u8;

    private static ReadOnlySpan<byte> EndOfChunks => "\r\n0\r\n\r\n"u8;

    private readonly Socket socket;
    private readonly byte[] question;
    private readonly byte[] answer = new byte[64 * 1024];

    public Connection(Socket socket, string path, string? apiKey, string? cacheControl = null)
    {
        this.socket = socket;
        socket.NoDelay = true;
        question = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{Header("X-Api-Key", apiKey)}{Header("Cache-Control", cacheControl)}\r\n");
    }

    /// <summary>Asks, reads the whole answer and returns its status; 0 when the connection ended.</summary>
    public async ValueTask<int> Ask()
    {
        await socket.SendAsync(question);
        var length = 0;
        while (!IsWhole(answer.AsSpan(0, length)))
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length));
            if (read == 0) { return 0; }
            length += read;
        }
        return int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf(EndOfHead);
        if (head < 0) { return false; }
        var body = answer[(head + EndOfHead.Length)..];
        var field = answer[..(head + 2)].IndexOf(LengthHeader);
        if (field < 0) { return body.EndsWith(EndOfChunks); }
        var number = answer[(field + LengthHeader.Length)..];
        return body.Length >= int.Parse(number[..number.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }

    private static string Header(string name, string? value) => value is null ? "" : $"{name}: {value}\r\n";
}
