// `npm run dev` serves the page; the API is that of `npm start`.
export default { server: { proxy: { '/api': 'http://localhost:8080' } } };
