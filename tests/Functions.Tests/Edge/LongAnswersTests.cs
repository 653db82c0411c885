using System.Net.Sockets;
using System.Text;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Tests.Edge;

/// <summary>The deadline of a request is about its handler: an answer that has begun arrives whole, however slowly it is read.</summary>
public sealed class LongAnswersTests
{
    private const int Tcp = 6;
    private const int MaxSegment = 2;

    /// <summary>Costs eleven seconds, in which it does nothing: the reader has to be slower than the deadline.</summary>
    [Fact]
    public async Task An_answer_that_is_read_longer_than_the_deadline_arrives_whole()
    {
        var app = await App.Shared;
        var url = new Uri(await app.UrlOf(0));
        _ = await app.Description;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        // Small segments keep the buffers between here and there smaller than the answer.
        if (OperatingSystem.IsLinux()) { socket.SetRawSocketOption(Tcp, MaxSegment, BitConverter.GetBytes(536)); }
        await socket.ConnectAsync(url.Host, url.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/openapi/v1.json HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n"));
        var buffer = new byte[64 * 1_024];
        using var answer = new MemoryStream();
        answer.Write(buffer, 0, await socket.ReceiveAsync(buffer.AsMemory(0, 1_024)));

        await Task.Delay(ExceptionEdge.Deadline + TimeSpan.FromSeconds(2));
        for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;) { answer.Write(buffer, 0, read); }

        var (head, body) = Encoding.UTF8.GetString(answer.ToArray()).Split("\r\n\r\n", 2) is [var first, var rest] ? (first, rest) : ("", "");
        head.Should().StartWith("HTTP/1.1 200").And.Contain($"Content-Length: {Encoding.UTF8.GetByteCount(body)}");
        body.Should().EndWith("}");
    }
}
