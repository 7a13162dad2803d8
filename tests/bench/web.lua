-- for wrk: each request for another event
local n = 0
function request()
  n = (n * 1103515245 + 12345) % 99991
  return wrk.format("GET", "/api/v1/events/" .. (n + 1))
end
